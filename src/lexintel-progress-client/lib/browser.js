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
 * @property {string} base
 * @property {RequestCredentials} credentials
 * @property {number} heartbeat
 * @property {number} pollInterval
 * @property {((isRefused: boolean) => string | undefined | Promise<string | undefined>) | undefined} getToken
 */

/**
 * One timer: setting it anew forgets what it was set to before.
 * @param {Browser} browser
 */
export function createTimer(browser) {
  /** @type {unknown} */
  let timer;
  return {
    /**
     * @param {() => void} action
     * @param {number} milliseconds
     */
    set(action, milliseconds) {
      this.clear();
      timer = browser.setTimeout(action, milliseconds);
    },
    clear() {
      browser.clearTimeout(/** @type {never} */ (timer));
    },
  };
}
