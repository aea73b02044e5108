import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { progressClient } from './index.js';

export { ProgressBar } from './progress-bar.js';

/** @typedef {import('./client.js').ProgressClient} ProgressClient */
/** @template {import('./state.js').State} S @typedef {import('./watch.js').WatchOptions<S> & {client?: ProgressClient}} HookOptions `client`: another one than the page's */

/**
 * Watches while the component is mounted. On the server, and until there is news, the snapshot is the empty one.
 * @template {import('./state.js').State} S
 * @template {{connection: import('./topic.js').Connection}} V
 * @param {string} key tells what is watched; nothing when empty
 * @param {V} empty
 * @param {(client: ProgressClient, callbacks: import('./watch.js').WatchOptions<S>) => import('./watch.js').Watch<S, V>} open
 * @param {HookOptions<S>} [options]
 */
function useWatch(key, empty, open, options = {}) {
  const latest = useRef(options);
  useEffect(() => void (latest.current = options));
  const { client } = options;
  // Subscribe, look, look on a server.
  return useSyncExternalStore(...useMemo(() => {
    /** @type {import('./watch.js').Watch<S, V> | undefined} */
    let watch;
    return /** @type {const} */ ([
      /** @param {() => void} changed */
      (changed) => {
        // The callbacks of the newest rendering, whenever they are called.
        const callbacks = new Proxy({}, { get: (_, name) => latest.current[/** @type {keyof typeof options} */ (name)] });
        watch = key ? open(client ?? progressClient(), callbacks) : undefined;
        const stop = watch?.subscribe(changed);
        return () => void (stop?.(), watch?.close(), watch = undefined);
      },
      () => watch?.snapshot ?? empty,
      () => empty,
    ]);
  }, [key, client]));
}

/** @param {string} id */
const nothing = (id) => ({ id, connection: /** @type {const} */ ('connecting'), state: null, stalledSince: null, error: null });

/** Watches a document; nothing without an id. @param {string | null | undefined} id @param {HookOptions<import('./state.js').DocumentState>} [options] @returns {import('./client.js').DocumentSnapshot} */
export function useDocumentProgress(id, options) {
  const key = id ?? '';
  return useWatch(key, nothing(key), (client, callbacks) => client.watchDocument(key, callbacks), options);
}

/** Watches several documents over one connection. @param {readonly string[]} ids @param {HookOptions<import('./state.js').DocumentState>} [options] @returns {import('./client.js').DocumentsSnapshot} */
export function useDocumentsProgress(ids, options) {
  return useWatch(ids.join('\n'), { connection: 'connecting', documents: ids.map(nothing) }, (client, callbacks) => client.watchDocuments(ids, callbacks), options);
}

/** Watches a batch; nothing without an id. @param {string | null | undefined} id @param {HookOptions<import('./state.js').BatchState>} [options] @returns {import('./client.js').BatchSnapshot} */
export function useBatchProgress(id, options) {
  const key = id ?? '';
  return useWatch(key, nothing(key), (client, callbacks) => client.watchBatch(key, callbacks), options);
}
