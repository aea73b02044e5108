import { createProgressClient } from './client.js';

/** @typedef {import('./client.js').ClientOptions} ClientOptions */
/** @typedef {import('./client.js').DocumentSnapshot} DocumentSnapshot */
/** @typedef {import('./client.js').DocumentsSnapshot} DocumentsSnapshot */
/** @typedef {import('./client.js').BatchSnapshot} BatchSnapshot */
/** @typedef {import('./state.js').DocumentState} DocumentState */
/** @typedef {import('./state.js').BatchState} BatchState */
/** @typedef {import('./topic.js').Connection} Connection */
/** @typedef {import('./topic.js').Refusal} Refusal */
/**
 * @template {import('./state.js').State} S
 * @typedef {import('./watch.js').WatchOptions<S>} WatchOptions
 */
/**
 * @template {import('./state.js').State} S
 * @template {{connection: Connection}} V
 * @typedef {import('./watch.js').Watch<S, V>} Watch
 */

export { createProgressClient };

/** @type {import('./client.js').ProgressClient | undefined} */
let page;

/**
 * The page's own client, which the functions below, the hooks and the element use.
 * @returns {import('./client.js').ProgressClient}
 */
export function progressClient() {
  return (page ??= createProgressClient());
}

/**
 * Says how the page's client reaches the server; watches that are open are closed.
 * @param {ClientOptions} options
 */
export function configureProgress(options) {
  page?.close();
  page = createProgressClient(options);
}

/**
 * Watches a document: `snapshot`, `subscribe`, `for await`, `close`.
 * @param {string} id
 * @param {WatchOptions<DocumentState>} [options]
 */
export function watchDocument(id, options) {
  return progressClient().watchDocument(id, options);
}

/**
 * Watches several documents over one connection.
 * @param {readonly string[]} ids
 * @param {WatchOptions<DocumentState>} [options] each is called for each document
 * @param {Watch<DocumentState, DocumentsSnapshot>} [before] the watch that goes on in this one: what has ended there is not looked at anew
 */
export function watchDocuments(ids, options, before) {
  return progressClient().watchDocuments(ids, options, before);
}

/**
 * Watches a batch.
 * @param {string} id
 * @param {WatchOptions<BatchState>} [options]
 */
export function watchBatch(id, options) {
  return progressClient().watchBatch(id, options);
}

/**
 * The page has another user now, or none: drops everything that is known and every connection of the old one, also that of other tabs.
 * @param {string | undefined} identity
 */
export function setIdentity(identity) {
  return progressClient().setIdentity(identity);
}
