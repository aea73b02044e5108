import { createTimer } from './browser.js';
import { isFinal, poll } from './polling.js';
import { readJson } from './state.js';
import { openStream } from './stream.js';

/** @typedef {import('./browser.js').Context} Context */
/** @typedef {import('./topic.js').Topic} Topic */
/** @typedef {ReturnType<typeof createLine>} Line */

/** A server that accepts a stream says something at once. What does not within this time may be held back by a proxy. */
const PATIENCE = 3000;
const FIRST_BACKOFF = 1000;
const MOST_BACKOFF = 30_000;
const PAUSED_INTERVAL = 30_000;
/** What a URL can hold everywhere, and what the server accepts in one. */
const MOST_URL = 4000;
const MOST_IN_URL = 100;

/**
 * Keeps topics up to date: by one stream for all of them, or by asking while that does not work.
 * @param {Context} context
 */
export function createLine(context) {
  const { base, browser, getToken, heartbeat, pollInterval } = context;
  /** @type {Topic[]} */
  let topics = [];
  /** @type {Topic[]} what the stream was opened for */
  let carried = [];
  let isPaused = false;
  let isLive = false;
  let failures = 0;
  let openedAt = 0;
  let heardAt = 0;
  let closedUntil = 0;
  /** @type {(() => void) | undefined} */
  let closeStream;
  /** @type {(() => void) | undefined} */
  let stopAsking;
  // What happens if nothing else does: asking beside a stream that does not open, or the next try.
  const timer = createTimer(browser);

  const now = () => browser.Date.now();
  const unfinished = (of = topics) => of.filter((topic) => !topic.isEnded);
  /** @param {Topic[]} of */
  const paths = (of) => unfinished(of).map((topic) => topic.path).join(' ');
  /** @param {Partial<import('./topic.js').Facts>} facts */
  const tellAll = (facts) => carried.forEach((topic) => topic.update(facts));

  /** @param {number} delay */
  const ask = (delay) => {
    stopAsking?.();
    const closedFor = () => closedUntil - now();
    stopAsking = poll(context, {
      topics: () => unfinished().filter(({ facts }) => !isLive || facts.phase != 'live'),
      interval: () => (isPaused ? PAUSED_INTERVAL : pollInterval),
      busy: (wait) => {
        closedUntil = Math.max(closedUntil, now() + wait);
      },
      closedFor,
    }, Math.max(delay, closedFor()));
  };

  const hangUp = () => {
    closeStream?.();
    closeStream = undefined;
    isLive = false;
    timer.clear();
  };

  const close = () => {
    hangUp();
    stopAsking?.();
    stopAsking = undefined;
    carried = [];
  };

  /** Nothing comes over the stream: asks meanwhile. Clients that lost their streams together do not ask together. */
  const fall = () => {
    const delay = isLive ? browser.Math.random() * FIRST_BACKOFF : 0;
    isLive = false;
    timer.clear();
    if (!stopAsking) {
      tellAll({ phase: 'connecting' });
      ask(delay);
    }
  };

  /**
   * The stream is over: tries again after a while, all of it random ("full jitter").
   * @param {number} delay what the server asks for
   */
  const lose = (delay) => {
    fall();
    hangUp();
    timer.set(open, Math.max(delay, browser.Math.random() * Math.min(MOST_BACKOFF, FIRST_BACKOFF * 2 ** ++failures)));
  };

  /** @returns {import('./stream.js').StreamRequest} */
  const request = () => {
    const [first, ...others] = carried;
    if (!others.length) {
      return { url: `${base}/${first.path}/stream`, after: first.facts.state?.revision };
    }
    const url = `${base}/stream`;
    const query = `${url}?${carried.map(({ id }) => `documents=${encodeURIComponent(id)}`).join('&')}`;
    return getToken || query.length > MOST_URL || carried.length > MOST_IN_URL
      ? { url, revisions: Object.fromEntries(carried.map(({ id, facts }) => [id, facts.state?.revision ?? null])) }
      : { url: query };
  };

  function open() {
    hangUp();
    carried = unfinished();
    const closedFor = closedUntil - now();
    if (!carried.length) {
      close();
    } else if (isPaused) {
      ask(0);
    } else if (closedFor > 0) {
      fall();
      timer.set(open, closedFor);
    } else {
      openedAt = heardAt = now();
      timer.set(() => stopAsking ?? ask(0), PATIENCE);
      closeStream = openStream(context, request(), {
        event: hear,
        interrupted() {
          heardAt = now();
          fall();
        },
        lost: lose,
      });
    }
  }

  /**
   * @param {string} name
   * @param {string} data
   */
  function hear(name, data) {
    heardAt = now();
    // A stream that only says goodbye was not live.
    if (name == 'bye') {
      return;
    }
    if (heardAt - openedAt > heartbeat) {
      failures = 0;
    }
    if (!isLive) {
      isLive = true;
      timer.clear();
      stopAsking?.();
      stopAsking = undefined;
      tellAll({ phase: 'live', isDegraded: false, stalledSince: null });
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
        ask(FIRST_BACKOFF);
        timer.set(open, browser.Math.random() * MOST_BACKOFF);
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
     * @param {boolean} shouldPause nobody looks: no stream, and a question now and then, so that the end is noticed
     */
    carry(wanted, shouldPause) {
      const isWaiting = isPaused == shouldPause && stopAsking && !closeStream;
      topics = wanted;
      if (isPaused != shouldPause || paths(carried) != paths(topics)) {
        isPaused = shouldPause;
        if (isWaiting) {
          // The next try of the stream takes them along.
          carried = unfinished();
          ask(0);
        } else {
          open();
        }
      }
    },

    /**
     * Something happened after which connections are often dead without a sign.
     * @param {boolean} isDead whether there is no need to look
     */
    wake(isDead) {
      if (isDead || !isLive || now() - heardAt > 1.5 * heartbeat) {
        failures = 0;
        open();
        if (stopAsking) {
          ask(0);
        }
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
