/** @typedef {import('./state.js').State} State */
/** @typedef {import('./topic.js').Topic} Topic */
/** @typedef {import('./topic.js').Connection} Connection */
/**
 * @template {State} S
 * @typedef {import('./topic.js').Snapshot<S>} Snapshot
 */
/**
 * What to be told of each document or batch. `onCompleted`, `onFailed` and `onRefused` are called once for each and never again, whatever
 * reconnects, falls back or changes the leading tab; also when it had ended before the watch began.
 * @template {State} S
 * @typedef {object} WatchOptions
 * @property {(snapshot: Snapshot<S>) => void} [onChange] something about it has changed
 * @property {(snapshot: Snapshot<S>) => void} [onCompleted]
 * @property {(snapshot: Snapshot<S>) => void} [onFailed]
 * @property {(snapshot: Snapshot<S>) => void} [onRefused] the server will not show it: 400, 401, 403 or 404, in `error`
 */

/**
 * @template {State} S
 * @template {{connection: Connection}} V
 * @typedef {ReturnType<typeof createWatch<S, V>>} Watch
 */

/** @type {Record<string, 'onCompleted' | 'onFailed' | undefined>} */
const ENDINGS = { completed: 'onCompleted', failed: 'onFailed' };

/**
 * One look at some documents or a batch. All that look at the same share one connection.
 * @template {State} S
 * @template {{connection: Connection}} V
 * @param {Topic[]} topics
 * @param {(snapshots: Snapshot<S>[]) => V} compose
 * @param {WatchOptions<S> | undefined} options
 * @param {Set<{close(): void}>} open the watches that are not closed
 */
export function createWatch(topics, compose, options = {}, open) {
  /** @type {Set<(snapshot: V) => void>} */
  const listeners = new Set();
  const told = new Set();
  const view = () => compose(topics.map((topic) => /** @type {Snapshot<S>} */ (topic.snapshot)));
  /** @param {V} snapshot */
  const show = (snapshot) => {
    watch.snapshot = snapshot;
    [...listeners].forEach((listener) => call(listener, snapshot));
  };
  /** @param {Topic} topic */
  const look = (topic) => {
    if (open.has(watch)) {
      const snapshot = /** @type {Snapshot<S>} */ (topic.snapshot);
      show(view());
      call(options.onChange, snapshot);
      const ending = snapshot.error ? 'onRefused' : ENDINGS[snapshot.state?.status ?? ''];
      if (ending && !told.has(ending + topic.path)) {
        told.add(ending + topic.path);
        call(options[ending], snapshot);
      }
    }
  };
  const watch = {
    /** What is known now: never changed, only replaced. */
    snapshot: view(),

    /**
     * Calls the listener with each new snapshot; the result stops that.
     * @param {(snapshot: V) => void} listener
     * @returns {() => void}
     */
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    /** Ends the watch, not the work. */
    close() {
      if (open.delete(watch)) {
        topics.forEach((topic) => topic.watchers.delete(look));
        show({ ...watch.snapshot, connection: 'ended' });
      }
    },

    /**
     * The newest snapshot, then each newer one until the end; a slow loop skips to the newest. Leaving the loop closes the watch.
     * @returns {AsyncGenerator<V, void, void>}
     */
    async *[Symbol.asyncIterator]() {
      try {
        for (let seen; ; ) {
          if (seen != watch.snapshot) {
            yield (seen = watch.snapshot);
          } else if (seen.connection == 'ended') {
            return;
          } else {
            let stop = () => {};
            await new Promise((resolve) => (stop = watch.subscribe(resolve)));
            stop();
          }
        }
      } finally {
        watch.close();
      }
    },
  };
  open.add(watch);
  topics.forEach((topic) => topic.watchers.add(look));
  // After the caller has the watch in hand, and not at all when it is closed at once.
  queueMicrotask(() => new Set(topics).forEach((topic) => (topic.facts.state || topic.facts.error) && look(topic)));
  return watch;
}

/**
 * A caller's mistake is reported, and nobody else suffers from it.
 * @template T
 * @param {((value: T) => void) | undefined} action
 * @param {T} value
 */
function call(action, value) {
  try {
    action?.(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
