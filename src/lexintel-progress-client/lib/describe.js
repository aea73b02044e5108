/** @typedef {import('./topic.js').Snapshot<import('./state.js').State>} AnySnapshot */

/**
 * What happens, in words.
 * @param {AnySnapshot} snapshot
 */
export const messageOf = ({ state, error }) =>
  error ? (error.detail ?? `Not available (${error.status})`)
  : !state ? 'Waiting'
  : 'document_id' in state || !('total' in state) ? (state.error_message ?? (state.message || state.step))
  : `${state.completed} of ${state.total} done`;

/**
 * The whole snapshot in words, for those who do not see the bar.
 * @param {AnySnapshot} snapshot
 */
export const describe = (snapshot) => {
  const { state, stalledSince } = snapshot;
  return [state && `${Math.floor(state.progress)} percent, ${state.status}`, messageOf(snapshot), stalledSince && 'no sign of life'].filter(Boolean).join(', ');
};
