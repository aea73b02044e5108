/**
 * A document's state, as the server sends it.
 * @typedef {object} DocumentState
 * @property {string} [revision] `attempt-number`; absent where no job of the library tracks the document
 * @property {string} document_id
 * @property {'pending' | 'processing' | 'retrying' | 'completed' | 'failed' | 'cancelled'} status
 * @property {string} step
 * @property {number} progress 0 to 100; 100 only at the end
 * @property {string} message
 * @property {string} timestamp ISO 8601, UTC
 * @property {string} [error_message]
 * @property {number} [run] which attempt a person would call it, from the second on
 * @property {number} [remaining_seconds]
 * @property {string} [batch_id]
 * @property {{name: string, status: string, started: string, seconds?: number}[]} [steps]
 */
/**
 * A batch's aggregate, as the server sends it.
 * @typedef {object} BatchState
 * @property {string} [revision]
 * @property {string} batch_id
 * @property {'pending' | 'processing' | 'completed'} status
 * @property {number} total
 * @property {number} pending
 * @property {number} processing
 * @property {number} completed
 * @property {number} failed
 * @property {number} cancelled
 * @property {number} progress 0 to 100
 * @property {string} timestamp ISO 8601, UTC
 * @property {number} [remaining_seconds]
 */
/** @typedef {DocumentState | BatchState} State */
/** @typedef {Record<string, unknown>} Json An object whose fields nobody has looked at yet. */

const ENDS = ['completed', 'failed', 'cancelled'];

/** @param {State | null} state */
export const isEnd = (state) => !!state && ENDS.includes(state.status);

/**
 * The object a text holds; `undefined` for everything that is not one.
 * @param {string} text
 * @returns {Json | undefined}
 */
export function readJson(text) {
  try {
    const value = JSON.parse(text);
    return typeof value == 'object' && value ? value : undefined;
  } catch {
    // Then it is none.
  }
}

/**
 * The state an object is; `undefined` for "connected", which says that nothing is known yet, and for what belongs to something else.
 * @param {Json} json
 * @param {'document_id' | 'batch_id'} idName
 * @param {string} id
 * @returns {State | undefined}
 */
export function readState(json, idName, id) {
  if (typeof json.status != 'string' || json.status == 'connected' || (json[idName] ?? id) !== id) {
    return undefined;
  }
  return /** @type {State} */ ({ ...json, [idName]: id, progress: Math.min(Math.max(Number(json.progress) || 0, 0), 100) });
}

/**
 * Whether a state may take the place of the one that is held: the newest wins, whatever way it came.
 * @param {State} next
 * @param {State | null} held
 * @param {boolean} [isRecord] whether it is a record of the host's database, which counts only where nothing else does
 */
export function isNewer(next, held, isRecord) {
  if (!held) {
    return true;
  }
  const [attempt, number] = split(next.revision);
  const [heldAttempt, heldNumber] = split(held.revision);
  // The answer of a host that knows nothing, which may be another host than the one before. Its time says nothing either.
  if (!attempt && next.status == 'pending') {
    return false;
  }
  if (!heldAttempt && held.status == 'pending') {
    return true;
  }
  if (attempt && heldAttempt) {
    return attempt > heldAttempt || (attempt === heldAttempt && number > heldNumber);
  }
  const lead = (Date.parse(next.timestamp) || Infinity) - (Date.parse(held.timestamp) || 0);
  if (isEnd(next) != isEnd(held)) {
    return isEnd(next) || (lead > 0 && !isRecord);
  }
  return attempt > 0 || (heldAttempt ? lead > 0 && !isRecord : lead >= 0);
}

/**
 * Attempt and number of a revision; zeros where there is none.
 * @param {unknown} revision
 */
function split(revision) {
  const [, attempt = 0, number = 0] = /^(\d{1,15})-(\d{1,15})$/.exec(String(revision)) ?? [];
  return [+attempt, +number];
}
