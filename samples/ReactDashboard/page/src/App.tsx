import { useCallback, useEffect, useState } from 'react';
import { ApiError, createBatch, listBatches, type Batch } from './api';
import { Announcer } from './Announcer';
import { BatchCard } from './BatchCard';
import { DropZone } from './DropZone';
import { sendAll } from './uploads';

const RETRY = 3000;

export function App() {
  const [batches, setBatches] = useState<Batch[] | null>(null);
  const [problem, setProblem] = useState('');

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const load = async () => {
      try {
        const known = await listBatches();
        if (!isOver) {
          setProblem('');
          setBatches((held) => [...(held ?? []).filter(({ id }) => !known.some((one) => one.id === id)), ...known]);
        }
      } catch {
        if (!isOver) {
          setProblem('The server cannot be reached. Trying again…');
          timer = setTimeout(load, RETRY);
        }
      }
    };
    void load();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, []);

  const upload = useCallback(async (files: readonly File[]) => {
    if (files.length === 0) {
      return;
    }
    try {
      const batch = await createBatch(files);
      setProblem('');
      setBatches((held) => [batch, ...(held ?? [])]);
      sendAll(batch, files);
    } catch (error) {
      setProblem(`Nothing was uploaded. ${error instanceof ApiError ? error.message : ''}`);
    }
  }, []);

  return (
    <>
      <header className="top">
        <svg className="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9" /><path d="M8 10h16v3H8zm0 5.5h11v3H8zM8 21h14v3H8z" /></svg>
        <div>
          <h1>Uploads</h1>
          <p>Words of your documents, counted as you watch.</p>
        </div>
      </header>
      <main>
        <DropZone onFiles={upload} />
        <p className="problem" role="alert" hidden={!problem}>{problem}</p>
        {batches?.length === 0 && <p className="empty">Nothing here yet. What you upload appears in this list, one batch for each time.</p>}
        {batches?.map((batch, index) => <BatchCard key={batch.id} batch={batch} isOpen={index === 0} />)}
      </main>
      <Announcer />
    </>
  );
}
