import { createClock } from './browser.js';
import { createHub } from './hub.js';
import { createWatch } from './watch.js';

/** @typedef {import('./state.js').DocumentState} DocumentState */
/** @typedef {import('./state.js').BatchState} BatchState */
/** @typedef {import('./topic.js').Connection} Connection */
/** @typedef {import('./topic.js').Snapshot<DocumentState>} DocumentSnapshot */
/** @typedef {import('./topic.js').Snapshot<BatchState>} BatchSnapshot */
/**
 * @template {import('./state.js').State} S
 * @typedef {import('./watch.js').WatchOptions<S>} WatchOptions
 */
/**
 * @template {import('./state.js').State} S
 * @template {{connection: Connection}} V
 * @typedef {import('./watch.js').Watch<S, V>} Watch
 */
/** @typedef {{connection: Connection, documents: DocumentSnapshot[]}} DocumentsSnapshot The worst connection of all, and each document in the order they were asked for. */
/**
 * How a client reaches the server. Times are milliseconds.
 * @typedef {object} ClientOptions
 * @property {string} [base] where the endpoints stand. Default: `/progress`
 * @property {string} [identity] who the user is: tabs of the same one share a connection. Default: one user, whose cookie all tabs have
 * @property {(isRefused: boolean) => string | undefined | Promise<string | undefined>} [getToken] the bearer token, asked for before each request; `true` when the one before was refused. Tabs then share only when there is an `identity` too
 * @property {RequestCredentials} [credentials] as of `fetch`. Default: `same-origin`
 * @property {boolean} [share] whether tabs share one connection. Default: `true`
 * @property {number} [heartbeat] the server's `HeartbeatInterval`; twice as much silence counts as a dead stream. Default: 15000
 * @property {number} [pollInterval] between two questions where there is no stream. Default: 3000
 * @property {number} [pauseAfter] how long a hidden tab goes on streaming; afterwards it only asks now and then whether the end has come. `Infinity`: for ever. Default: 60000
 * @property {import('./browser.js').Browser} [browser] for tests
 */
/** @typedef {ReturnType<typeof createProgressClient>} ProgressClient */

/** @type {Connection[]} */
const WORST_FIRST = ['offline', 'connecting', 'polling', 'degraded', 'stalled', 'live'];

/**
 * Everything one page watches of one server.
 * @param {ClientOptions} [options]
 */
export function createProgressClient({
  base = '/progress',
  identity,
  getToken,
  credentials = 'same-origin',
  share = true,
  heartbeat = 15_000,
  pollInterval = 3000,
  pauseAfter = 60_000,
  browser = globalThis,
} = {}) {
  const hub = createHub({ base: base.replace(/\/+$/, ''), getToken, credentials, heartbeat, pollInterval, browser, now: createClock(browser) }, identity ?? null, share, pauseAfter);
  /** @type {Set<{close(): void}>} */
  const open = new Set();
  /** @type {WeakMap<object, import('./topic.js').Topic[]>} what each watch is of */
  const topicsOf = new WeakMap();

  /**
   * @template {import('./state.js').State} S
   * @template {{connection: Connection}} V
   * @param {readonly string[]} ids
   * @param {boolean} isBatch
   * @param {WatchOptions<S> | undefined} options
   * @param {(snapshots: import('./topic.js').Snapshot<S>[]) => V} compose
   * @param {object} [before]
   * @returns {Watch<S, V>}
   */
  const watch = (ids, isBatch, options, compose, before = {}) => {
    const topics = ids.map((id) => hub.find(isBatch, id, topicsOf.get(before)));
    const result = createWatch(topics, compose, options, open);
    topicsOf.set(result, topics);
    hub.join();
    return result;
  };

  return {
    /**
     * Watches a document: `snapshot`, `subscribe`, `for await`, `close`.
     * @param {string} id
     * @param {WatchOptions<DocumentState>} [options]
     * @returns {Watch<DocumentState, DocumentSnapshot>}
     */
    watchDocument: (id, options) => watch([id], false, options, ([snapshot]) => snapshot),

    /**
     * Watches several documents over one connection.
     * @param {readonly string[]} ids
     * @param {WatchOptions<DocumentState>} [options] each is called for each document
     * @param {Watch<DocumentState, DocumentsSnapshot>} [before] the watch that goes on in this one: what has ended there is not looked at anew
     * @returns {Watch<DocumentState, DocumentsSnapshot>}
     */
    watchDocuments: (ids, options, before) => watch(ids, false, options, (documents) => ({
      connection: WORST_FIRST.find((one) => documents.some(({ connection }) => connection == one)) ?? 'ended',
      documents,
    }), before),

    /**
     * Watches a batch.
     * @param {string} id
     * @param {WatchOptions<BatchState>} [options]
     * @returns {Watch<BatchState, BatchSnapshot>}
     */
    watchBatch: (id, options) => watch([id], true, options, ([snapshot]) => snapshot),

    /**
     * The page has another user now, or none. Everything known and every connection of the old one is dropped at once, also what its tabs share:
     * they open it anew, and the server decides anew.
     * @param {string | undefined} next
     */
    setIdentity: hub.setIdentity,

    /** Closes all watches and the connection. */
    close() {
      open.forEach((one) => one.close());
      hub.close();
    },
  };
}
