/**
 * What the client uses of the browser: `globalThis`, or what a test puts in its place.
 * @typedef {object} Browser
 * @property {typeof EventSource} [EventSource]
 * @property {typeof BroadcastChannel} [BroadcastChannel]
 * @property {{readonly onLine?: boolean, readonly locks?: Pick<LockManager, 'request'>}} [navigator] without `locks` where the page is not secure
 * @property {EventTarget & {readonly hidden: boolean}} [document]
 * @property {EventTarget} [window]
 * @property {typeof fetch} fetch
 * @property {(action: () => void, milliseconds: number) => unknown} setTimeout
 * @property {(timer: never) => void} clearTimeout
 * @property {{now(): number}} Date goes on while the machine sleeps
 * @property {{random(): number}} Math
 */
/**
 * Some browser and the settings.
 * @typedef {object} Context
 * @property {Browser} browser
 * @property {() => number} now the time of the client; for lengths of time only
 * @property {string} base
 * @property {RequestCredentials} credentials
 * @property {number} heartbeat
 * @property {number} pollInterval
 * @property {((isRefused: boolean) => string | undefined | Promise<string | undefined>) | undefined} getToken
 */

const FIRST_BACKOFF = 1000;
const MOST_BACKOFF = 30_000;

/**
 * How long to wait after so many failures: all of it random ("full jitter"), so that clients that failed together do not come back together.
 * @param {Browser} browser
 * @param {number} failures
 */
export const backoff = (browser, failures) => browser.Math.random() * Math.min(MOST_BACKOFF, FIRST_BACKOFF * 2 ** failures);

/**
 * A clock that goes on while the machine sleeps, and stands still for a moment when the browser's is set back: otherwise everything would wait for it.
 * @param {Browser} browser
 */
export function createClock(browser) {
  let ahead = 0;
  let last = 0;
  return () => {
    ahead = Math.max(ahead, last - browser.Date.now());
    return (last = browser.Date.now() + ahead);
  };
}

/**
 * One timer: the result sets it anew, or only forgets what it was set to.
 * @param {Browser} browser
 * @returns {(action?: () => void, milliseconds?: number) => void}
 */
export function createTimer(browser) {
  /** @type {unknown} */
  let timer;
  return (action, milliseconds = 0) => {
    browser.clearTimeout(/** @type {never} */ (timer));
    timer = action && browser.setTimeout(action, milliseconds);
  };
}
