import type { BatchState, Connection } from 'lexintel-progress-client';

const COUNTS = [['failed', 'failed'], ['cancelled', 'cancelled'], ['processing', 'in progress'], ['pending', 'waiting']] as const;

export const STATUS = {
  waiting: 'Waiting',
  sending: 'Sending',
  broken: 'Not sent',
  refused: 'Not available',
  pending: 'Waiting',
  processing: 'In progress',
  retrying: 'Trying again',
  completed: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export const STALLED = 'Its worker gives no sign of life.';

export const CONNECTION: Partial<Record<Connection, string>> = {
  connecting: 'Connection lost. Reconnecting…',
  degraded: 'Live updates are interrupted; the work goes on.',
  offline: 'No network. The work goes on.',
};

export const countsOf = (state: BatchState) => COUNTS.filter(([name]) => state[name] > 0).map(([name, words]) => `${state[name].toLocaleString('en')} ${words}`);

export const documents = (count: number) => (count === 1 ? '1 document' : `${count.toLocaleString('en')} documents`);

export const fileSize = (bytes: number) =>
  bytes < 1000 ? `${bytes} bytes` : bytes < 1e6 ? `${Math.round(bytes / 1000)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;

export function timeLeft(seconds: number | undefined) {
  if (seconds === undefined) {
    return '';
  }
  const rounded = Math.max(1, Math.round(seconds));
  return rounded < 60 ? `about ${rounded} s left` : `about ${Math.round(rounded / 60)} min left`;
}
