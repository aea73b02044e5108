import { retryAfter, send } from './requests.js';
import { createReader } from './sse.js';

/** @typedef {import('./browser.js').Context} Context */
/**
 * What a stream tells its owner.
 * @typedef {object} StreamOwner
 * @property {(name: string, data: string) => void} event
 * @property {() => void} interrupted it broke, and the browser comes back by itself after the time the server asked for
 * @property {(delay: number, status?: number) => void} lost it is over; milliseconds the server wants us to stay away at least, and its status where that is known
 */
/**
 * What is streamed.
 * @typedef {object} StreamRequest
 * @property {string} url
 * @property {string} [after] the revision that is held
 * @property {Record<string, string | null>} [revisions] what is held of many documents, where the URL cannot hold them
 */

const EVENTS = 'message heartbeat stalled resumed degraded recovered batch denied'.split(' ');
/** As long as a server may ask a client to stay away. */
export const MOST_RETRY = 60_000;

/**
 * Opens a stream; the result closes it, and the owner hears nothing more.
 * @param {Context} context
 * @param {StreamRequest} request
 * @param {StreamOwner} owner
 * @returns {() => void}
 */
export const openStream = (context, request, owner) =>
  (context.getToken || request.revisions || !context.browser.EventSource ? openFetch : openEventSource)(context, request, owner);

/**
 * @param {Context} context
 * @param {StreamRequest} request
 * @param {StreamOwner} owner
 */
function openEventSource({ browser, credentials }, { url, after }, owner) {
  const Source = /** @type {typeof EventSource} */ (browser.EventSource);
  const source = new Source(after ? `${url}?lastEventId=${after}` : url, { withCredentials: credentials == 'include' });
  let isOpen = false;
  EVENTS.forEach((name) => source.addEventListener(name, ({ data }) => owner.event(name, data)));
  source.onopen = () => {
    isOpen = true;
  };
  source.onerror = () => {
    // Only the browser knows the server's `retry`, so the first return is left to it. 0 is CONNECTING.
    if (isOpen && source.readyState == 0) {
      isOpen = false;
      owner.interrupted();
    } else {
      owner.lost(0);
    }
  };
  return () => {
    source.onerror = null;
    source.close();
  };
}

/**
 * @param {Context} context
 * @param {StreamRequest} request
 * @param {StreamOwner} owner
 */
function openFetch(context, { url, after, revisions }, owner) {
  const abort = new AbortController();
  let delay = 0;
  /** @type {number | undefined} */
  let status;
  const read = async () => {
    const response = await send(
      context,
      url,
      abort.signal,
      { ...(after && { 'Last-Event-ID': after }), ...(revisions && { 'Content-Type': 'application/json' }) },
      revisions && { method: 'POST', body: JSON.stringify({ documents: revisions }) },
    );
    ({ status } = response);
    delay = retryAfter(response, context.browser);
    if (status == 200 && response.body) {
      const pieces = response.body.getReader();
      const decoder = new TextDecoder();
      const parse = createReader(
        (name, data) => abort.signal.aborted || owner.event(name, data),
        (milliseconds) => (delay = Math.min(milliseconds, MOST_RETRY)),
      );
      for (let piece; !(piece = await pieces.read()).done; ) {
        parse(decoder.decode(piece.value, { stream: true }));
      }
    }
  };
  // However it ends: that is for the status to explain.
  read().catch(() => {}).then(() => abort.signal.aborted || owner.lost(delay, status));
  return () => abort.abort();
}
