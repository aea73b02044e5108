import { backoff, createTimer } from './browser.js';
import { isFinal, poll } from './polling.js';
import { readJson } from './state.js';
import { MOST_RETRY, openStream } from './stream.js';

/** @typedef {import('./browser.js').Context} Context */
/** @typedef {import('./topic.js').Topic} Topic */
/** @typedef {ReturnType<typeof createLine>} Line */

/** A server that accepts a stream says something at once. What does not within this time may be held back by a proxy. */
const PATIENCE = 3000;
/** After so many failures the time to the next try is the longest. */
const MANY = 9;

/**
 * Keeps topics up to date: by one stream for all of them, or by asking while that does not work.
 * @param {Context} context
 * @param {(count: number) => void} tooMany the host does not take so many on one stream
 */
export function createLine(context, tooMany) {
  const { base, browser, now, heartbeat, pollInterval } = context;
  /** @type {Topic[]} */
  let topics = [];
  /** @type {Topic[]} what the stream was opened for */
  let carried = [];
  /** Milliseconds between two questions instead of a stream; 0 for a stream. */
  let pace = 0;
  /** @type {Topic[]} what a stream was for that was refused as a bad request */
  let refused = [];
  let isLive = false;
  let failures = 0;
  let openedAt = 0;
  let heardAt = 0;
  /** @type {(() => void) | undefined} */
  let closeStream;
  /** @type {(() => void) | undefined} */
  let stopAsking;
  // What happens if nothing else does: asking beside a stream that does not open, or the next try.
  const timer = createTimer(browser);

  const unfinished = (of = topics) => of.filter((topic) => !topic.isEnded);
  /** @param {Topic[]} some @param {Topic[]} others */
  const areSame = (some, others) => some.length == others.length && some.every((topic, i) => topic == others[i]);
  /** @param {Partial<import('./topic.js').Facts>} facts */
  const tellAll = (facts) => carried.forEach((topic) => topic.update(facts));

  /** @type {import('./polling.js').Asker} */
  const asker = {
    topics: () => unfinished().filter(({ facts }) => !isLive || facts.phase != 'live'),
    interval: () => pace || pollInterval,
    mayWait: () => !pace,
    closedUntil: 0,
  };
  const closedFor = () => asker.closedUntil - now();
  /** @param {number} delay */
  const ask = (delay) => {
    stopAsking?.();
    stopAsking = poll(context, asker, Math.max(delay, closedFor()));
  };

  const hangUp = () => {
    closeStream?.();
    closeStream = undefined;
    isLive = false;
    timer();
  };

  const close = () => {
    hangUp();
    stopAsking?.();
    stopAsking = undefined;
    carried = [];
  };

  /** Nothing comes over the stream: asks meanwhile. Clients that lost their streams together do not ask together. */
  const fall = () => {
    const wasLive = isLive;
    isLive = false;
    timer();
    // Whoever asks beside a live stream does so for a few, and may be waiting for them.
    if (wasLive || !stopAsking) {
      tellAll({ phase: 'connecting' });
      ask(wasLive ? backoff(browser, 0) : 0);
    }
  };

  /**
   * The stream is over: tries again after a while.
   * @param {number} delay what the server asks for
   * @param {number} [status]
   */
  const lose = (delay, status) => {
    if (status == 400 && carried.length > 1) {
      // One of them may be none: then its own status says so before the next try.
      if (areSame(carried, refused)) {
        tooMany(carried.length);
      }
      refused = carried;
    }
    fall();
    hangUp();
    timer(open, Math.max(delay, backoff(browser, ++failures)));
  };

  /** @returns {import('./stream.js').StreamRequest} */
  const request = () => {
    const [{ path, facts }, ...others] = carried;
    return others.length
      ? { url: `${base}/stream`, revisions: Object.fromEntries(carried.map(({ id, facts }) => [id, facts.state?.revision ?? null])) }
      : { url: `${base}/${path}/stream`, after: facts.state?.revision };
  };

  function open() {
    hangUp();
    carried = unfinished();
    if (!carried.length) {
      close();
    } else if (pace) {
      ask(0);
    } else if (closedFor() > 0) {
      fall();
      timer(open, closedFor());
    } else {
      openedAt = heardAt = now();
      timer(() => stopAsking ?? ask(0), PATIENCE);
      closeStream = openStream(context, request(), {
        event: hear,
        interrupted() {
          // The browser stays away for as long as the server asked for: that is no silence.
          heardAt = now() + MOST_RETRY;
          fall();
        },
        lost: lose,
      });
    }
  }

  /** Tries at once. Whoever asks meanwhile begins anew as well: the question that waits may be an old one. */
  const renew = () => {
    open();
    if (stopAsking) {
      ask(0);
    }
  };

  /**
   * @param {string} name
   * @param {string} data
   */
  function hear(name, data) {
    heardAt = now();
    // A stream that only says goodbye was not live.
    if (name == 'bye' || name == 'end') {
      return;
    }
    if (heardAt - openedAt > heartbeat) {
      failures = 0;
    }
    if (!isLive) {
      isLive = true;
      timer();
      stopAsking?.();
      stopAsking = undefined;
      tellAll({ phase: 'live', isDegraded: false, stalledSince: null });
      // An answer of before would be as good as no news, also where the stream has observed something since.
      carried.forEach((topic) => (topic.etag = null));
    }
    const json = readJson(data) ?? {};
    const id = json.document_id ?? json.batch_id;
    const topic = carried.find((one) => one.id === id) ?? (id == null && carried.length == 1 ? carried[0] : undefined);
    if (name == 'degraded' || name == 'recovered') {
      tellAll({ isDegraded: name == 'degraded' });
    } else if (name == 'denied') {
      const status = Number(json.status);
      if (isFinal(status)) {
        topic?.update({ error: { status, detail: null } });
      } else {
        // Refused for the moment, while the others stream: it is asked for until another stream takes it along.
        topic?.update({ phase: 'connecting' });
        ask(backoff(browser, 0));
        timer(open, backoff(browser, MANY));
      }
    } else if (name == 'stalled' || name == 'resumed') {
      topic?.update({ stalledSince: name == 'stalled' ? String(json.since) : null });
    } else if (name == (topic?.isBatch ? 'batch' : 'message')) {
      topic?.offer(json);
    }
    if (!unfinished().length) {
      close();
    }
  }

  return {
    /**
     * Sets what the line is for. Opens its stream anew when that differs from what it carries.
     * @param {Topic[]} wanted
     * @param {number} interval milliseconds between two questions when it is to have no stream, or 0
     */
    carry(wanted, interval) {
      topics = wanted;
      if (pace != interval || !areSame(unfinished(carried), unfinished())) {
        pace = interval;
        renew();
      }
    },

    /**
     * Something happened after which connections are often dead without a sign.
     * @param {boolean} isDead whether there is no need to look
     */
    wake(isDead) {
      if (isDead || !isLive || now() - heardAt > 1.5 * heartbeat) {
        failures = 0;
        renew();
      }
    },

    /** The browser says that nothing works. */
    cut() {
      if (closeStream) {
        lose(0);
      }
    },

    /** To be called now and then: notices silence, also that of a machine that slept. */
    tick() {
      if (!unfinished().length) {
        close();
      } else if (closeStream && now() - heardAt > 2 * heartbeat) {
        lose(0);
      }
    },

    close,
  };
}
