import { backoff, createTimer } from './browser.js';
import { retryAfter, send } from './requests.js';
import { readJson } from './state.js';

/** @typedef {import('./browser.js').Context} Context */
/** @typedef {import('./topic.js').Topic} Topic */
/**
 * Whom the answers are for.
 * @typedef {object} Asker
 * @property {() => Topic[]} topics what is still to be asked for
 * @property {() => number} interval milliseconds between two rounds in which nothing happens
 * @property {() => boolean} mayWait whether a question may wait for news at the server; it holds one of the six connections a browser has to a host
 * @property {number} closedUntil when the server may be asked again; it says so when it is busy
 */

const AT_ONCE = 4;
const LONG_POLL = 20_000;
const LONG_QUERY = '?wait=20';
const ANSWER_LIMIT = 10_000;
const LEAST_PAUSE = 1000;

/**
 * Asks for the status of topics, again and again, until they have ended or the result is called.
 * @param {Context} context
 * @param {Asker} asker
 * @param {number} delay milliseconds until the first round
 */
export function poll(context, asker, delay) {
  const { base, browser, now } = context;
  const timer = createTimer(browser);
  let isOver = false;
  let failures = 0;
  // Where the next round begins: behind what the last one came to.
  let from = 0;
  let mayWait = asker.mayWait();
  let answers = new AbortController();

  /**
   * One question. Whether it brought a newer state; throws when it brought nothing.
   * @param {Topic} topic
   * @param {string} query
   */
  const ask = async (topic, query) => {
    const response = await send(context, `${base}/${topic.path}/status${query}`, answers.signal, topic.etag ? { 'If-None-Match': topic.etag } : {});
    const { status, headers } = response;
    const json = readJson(await response.text());
    if (isOver) {
      return;
    }
    if (isFinal(status)) {
      topic.update({ error: { status, detail: readText(json?.detail) } });
    } else if (status == 304) {
      topic.update({ phase: 'polling' });
    } else if (status == 200 && json) {
      topic.etag = headers.get('ETag');
      const facts = { phase: /** @type {const} */ ('polling'), isDegraded: false, stalledSince: readText(json.stalled_since) };
      return topic.offer(json, facts, headers.get('X-Progress-Source') == 'database');
    } else {
      asker.closedUntil = Math.max(asker.closedUntil, now() + retryAfter(response, browser));
      throw Error();
    }
  };

  const round = async () => {
    const started = now();
    const asked = asker.topics();
    asked.push(...asked.splice(0, from));
    const interval = asker.interval();
    /** @type {unknown} */
    let hasNews;
    let failed = 0;
    let next = 0;
    for (; next < asked.length && !isOver && asker.closedUntil <= now(); next += AT_ONCE) {
      const isLong = mayWait && asked.length == 1 && !!asked[0].etag;
      answers = new AbortController();
      const limit = new Promise((_, reject) => timer(() => {
        answers.abort();
        reject();
      }, ANSWER_LIMIT + (isLong ? LONG_POLL : 0)));
      await Promise.all(asked.slice(next, next + AT_ONCE).map(async (topic) => {
        try {
          hasNews = (await Promise.race([ask(topic, isLong ? LONG_QUERY : ''), limit])) || hasNews;
        } catch {
          failed++;
          // It counts as a stream, and what cuts off streams may cut it off too.
          mayWait &&= !isLong;
          isOver || topic.update({ phase: 'connecting' });
        }
      }));
    }
    from = (from + next) % asked.length || 0;
    failures = failed && failures + 1;
    if (!isOver) {
      timer(round, failed
        ? Math.max(asker.closedUntil - now(), LEAST_PAUSE + backoff(browser, failures))
        : started - now() + (hasNews ? Math.min(LEAST_PAUSE, interval) : interval));
    }
  };

  timer(round, delay);
  return () => {
    isOver = true;
    timer();
    answers.abort();
  };
}

/**
 * Whether a refusal is one for good; others are for the moment.
 * @param {number} status
 */
export const isFinal = (status) => [400, 401, 403, 404].includes(status);

/** @param {unknown} value */
const readText = (value) => (typeof value == 'string' ? value : null);
