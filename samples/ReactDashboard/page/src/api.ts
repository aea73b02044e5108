/** A document as the host lists it; how far it is, is its progress. */
export interface DocumentInfo {
  id: string;
  name: string;
  size: number;
  isAccepted: boolean;
}

export interface Batch {
  id: string;
  created: string;
  documents: DocumentInfo[];
}

/** What went wrong, in words for the user. */
export class ApiError extends Error {}

export const listBatches = async () => (await (await call('/batches')).json()) as Batch[];

export async function createBatch(files: readonly File[]) {
  const documents = files.map(({ name, size }) => ({ name, size }));
  const answer = await call('/batches', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ documents }) });
  return (await answer.json()) as Batch;
}

export const sendFile = (id: string, file: File) => call(`/documents/${id}`, { method: 'PUT', headers: { 'Content-Type': 'application/octet-stream' }, body: file });

export const cancelDocument = (id: string) => call(`/documents/${id}`, { method: 'DELETE' });

async function call(url: string, init?: RequestInit) {
  let response;
  try {
    response = await fetch(url, { cache: 'no-store', ...init });
  } catch {
    throw new ApiError('The server cannot be reached.');
  }
  if (!response.ok) {
    // What is not JSON comes from a proxy on the way.
    const problem = await response.json().catch(() => null) as { detail?: unknown } | null;
    throw new ApiError(typeof problem?.detail === 'string' ? problem.detail : `The server refused this (${response.status}).`);
  }
  return response;
}
