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
 * @param {(held?: V) => V} begin where it begins, given what was known of what was watched before
 * @param {(client: ProgressClient, callbacks: import('./watch.js').WatchOptions<S>, before?: import('./watch.js').Watch<S, V>) => import('./watch.js').Watch<S, V>} open
 * @param {HookOptions<S>} [options]
 */
function useWatch(key, begin, open, options = {}) {
  const latest = useRef(options);
  useEffect(() => void (latest.current = options));
  const { client } = options;
  const held = useMemo(() => /** @type {{watch?: import('./watch.js').Watch<S, V>}} */ ({}), [client]);
  // Subscribe, look, look on a server.
  return useSyncExternalStore(...useMemo(() => {
    let watch = /** @type {import('./watch.js').Watch<S, V> | undefined} */ (undefined);
    const empty = begin(held.watch?.snapshot);
    return /** @type {const} */ ([
      (/** @type {() => void} */ changed) => {
        // The callbacks of the newest rendering, whenever they are called.
        const callbacks = new Proxy({}, { get: (_, name) => latest.current[/** @type {keyof typeof options} */ (name)] });
        watch = held.watch = key ? open(client ?? progressClient(), callbacks, held.watch) : undefined;
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
  return useWatch(key, () => nothing(key), (client, callbacks) => client.watchDocument(key, callbacks), options);
}

/** Watches several documents over one connection. @param {readonly string[]} ids @param {HookOptions<import('./state.js').DocumentState>} [options] @returns {import('./client.js').DocumentsSnapshot} */
export function useDocumentsProgress(ids, options) {
  const documents = (/** @type {import('./client.js').DocumentsSnapshot | undefined} */ held) => ids.map((id) => held?.documents.find((one) => one.id == id) ?? nothing(id));
  return useWatch(ids.join('\n'), (held) => ({ connection: 'connecting', documents: documents(held) }), (client, callbacks, before) => client.watchDocuments(ids, callbacks, before), options);
}

/** Watches a batch; nothing without an id. @param {string | null | undefined} id @param {HookOptions<import('./state.js').BatchState>} [options] @returns {import('./client.js').BatchSnapshot} */
export function useBatchProgress(id, options) {
  const key = id ?? '';
  return useWatch(key, () => nothing(key), (client, callbacks) => client.watchBatch(key, callbacks), options);
}
