import { useSyncExternalStore } from 'react';
import { ApiError, sendFile, type Batch } from './api';

/** Where a file of this page is on its way to the server; what comes after that is the document's progress. */
export type Upload = { phase: 'waiting' } | { phase: 'sending' } | { phase: 'sent' } | { phase: 'broken'; reason: string };

/** At once: with the streams of the page, three at most, they stay below the six connections a browser has to a host. */
const MOST_AT_ONCE = 2;

const files = new Map<string, File>();
const uploads = new Map<string, Upload>();
const listeners = new Set<() => void>();
const waiting: string[] = [];
let running = 0;

/** Sends the files of a new batch. */
export function sendAll(batch: Batch, chosen: readonly File[]) {
  batch.documents.forEach(({ id, isAccepted }, index) => {
    const file = chosen[index];
    if (file && isAccepted) {
      files.set(id, file);
      queue(id);
    }
  });
}

/** Sends a file again whose way to the server was cut off. */
export const sendAgain = queue;

/** The user does not want it any more. */
export function forget(id: string) {
  files.delete(id);
  set(id, { phase: 'sent' });
}

/** `undefined`: this page does not have the file, as after a reload. */
export const useUpload = (id: string) => useSyncExternalStore(subscribe, () => uploads.get(id));

function queue(id: string) {
  set(id, { phase: 'waiting' });
  waiting.push(id);
  next();
}

function next() {
  while (running < MOST_AT_ONCE && waiting.length > 0) {
    running++;
    void send(waiting.shift()!).finally(() => {
      running--;
      next();
    });
  }
}

async function send(id: string) {
  const file = files.get(id);
  if (!file) {
    return;
  }
  set(id, { phase: 'sending' });
  try {
    await sendFile(id, file);
    forget(id);
  } catch (error) {
    set(id, { phase: 'broken', reason: error instanceof ApiError ? error.message : 'The file cannot be read any more.' });
  }
}

function set(id: string, upload: Upload) {
  uploads.set(id, upload);
  listeners.forEach((listener) => listener());
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
