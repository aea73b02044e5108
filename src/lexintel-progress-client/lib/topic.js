import { isEnd, isNewer, readState } from './state.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {import('./state.js').DocumentState} DocumentState */
/**
 * How news come, or why none do.
 * @typedef {'connecting' | 'live' | 'polling' | 'stalled' | 'degraded' | 'offline' | 'ended'} Connection
 */
/**
 * Why the server does not show something: 400, 401, 403 or 404, and its own words where it gave any.
 * @typedef {{status: number, detail: string | null}} Refusal
 */
/**
 * All that is known of a document or a batch, never changed, only replaced.
 * @template {State} S
 * @typedef {object} Snapshot
 * @property {string} id
 * @property {Connection} connection
 * @property {S | null} state `null` until the first one came
 * @property {string | null} stalledSince since when its worker has given no sign of life
 * @property {Refusal | null} error why there will be none
 */
/**
 * What tabs tell each other of a topic.
 * @typedef {object} Facts
 * @property {State | null} state
 * @property {'connecting' | 'live' | 'polling'} phase
 * @property {boolean} isDegraded
 * @property {string | null} stalledSince
 * @property {Refusal | null} error
 */

/** @type {Facts} */
const NOTHING = { state: null, phase: 'connecting', isDegraded: false, stalledSince: null, error: null };

/** The page's entry for one document or batch: the newest state, and what is observed of it. */
export class Topic {
  /** @type {Set<(topic: Topic) => void>} */
  watchers = new Set();
  /** When it was last seen that somebody wants it. */
  wantedAt;
  /** When what is seen of it changed. */
  changedAt = 0;
  /** @type {Topic | undefined} the one before, which had ended: those who watched that see what comes now as well */
  earlier;
  /** @type {string | null} */
  etag = null;
  /** @type {Facts} */
  facts = { ...NOTHING };
  /** @type {Snapshot<State>} */
  snapshot;
  #context;
  #changed;

  /**
   * @param {boolean} isBatch
   * @param {string} id
   * @param {import('./browser.js').Context} context
   * @param {(topic: Topic) => void} changed
   */
  constructor(isBatch, id, context, changed) {
    if (typeof id != 'string' || /^\.{0,2}$/.test(id)) {
      throw TypeError(`No id that a URL can carry: '${id}'`);
    }
    this.isBatch = isBatch;
    this.id = id;
    this.path = (isBatch ? 'batches/' : 'documents/') + encodeURIComponent(id);
    this.#context = context;
    this.wantedAt = context.now();
    this.#changed = changed;
    this.snapshot = this.#look();
  }

  get isEnded() {
    return !!this.facts.error || isEnd(this.facts.state);
  }

  /** @returns {unknown} */
  get isWatched() {
    return this.watchers.size || this.earlier?.isWatched;
  }

  /**
   * Offers a state; only a newer one is taken.
   * @param {import('./state.js').Json} json
   * @param {Partial<Facts>} [facts] what else is known from the same place
   * @param {boolean} [isRecord] whether it is a record of the host's database
   */
  offer(json, facts, isRecord) {
    const held = this.facts.state;
    const state = readState(json, this.isBatch ? 'batch_id' : 'document_id', this.id);
    const isTaken = !!state && isNewer(state, held, isRecord);
    // Steps travel when they change: a state of the same attempt without them has those of the one before.
    if (isTaken && held && 'steps' in held && !('steps' in state) && state.revision?.split('-')[0] == held.revision?.split('-')[0]) {
      Object.assign(state, { steps: held.steps });
    }
    this.update({ ...facts, ...(isTaken && { state }) });
    return isTaken;
  }

  /**
   * Takes over what another tab knows.
   * @param {Facts} facts
   */
  adopt({ state, ...facts }) {
    this.update({ ...facts, ...(state && isNewer(state, this.facts.state) && { state }) });
  }

  forget() {
    this.etag = null;
    this.earlier?.forget();
    this.update(NOTHING);
  }

  /** @param {Partial<Facts>} facts */
  update(facts) {
    Object.assign(this.facts, facts);
    this.refresh();
  }

  /** Tells everybody when what they see has changed. */
  refresh() {
    const next = this.#look();
    if (Object.entries(next).some(([name, value]) => value !== this.snapshot[/** @type {keyof typeof next} */ (name)])) {
      this.snapshot = next;
      this.changedAt = this.#context.now();
      this.#changed(this);
      for (const watcher of [...this.watchers]) {
        watcher(this);
      }
    }
    this.earlier?.adopt(this.facts);
  }

  /** @returns {Snapshot<State>} */
  #look() {
    const { state, phase, isDegraded, stalledSince, error } = this.facts;
    /** @type {Connection} */
    const connection = this.isEnded ? 'ended'
      : phase == 'connecting' ? (this.#context.browser.navigator?.onLine == false ? 'offline' : phase)
      : isDegraded ? 'degraded'
      : stalledSince ? 'stalled'
      : phase;
    return { id: this.id, connection, state, stalledSince, error };
  }
}
