import { ProgressBar, useBatchProgress } from 'lexintel-progress-client/react';
import { announce } from './Announcer';
import type { Batch } from './api';
import { DocumentRow } from './DocumentRow';
import { CONNECTION, countsOf, documents, timeLeft } from './words';

const time = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** A batch: how all of its documents are doing, and below that each of them. */
export function BatchCard({ batch, isOpen }: { batch: Batch; isOpen: boolean }) {
  const title = documents(batch.documents.length);
  const progress = useBatchProgress(batch.id, {
    onCompleted: ({ state }) => state && announce(`Batch finished: ${[`${state.completed} done`, ...countsOf(state)].join(', ')}`),
  });
  const { state, connection, error } = progress;
  // While nothing has come yet there is nothing to be missed.
  const note = error ? 'The server does not show this batch any more.' : state && CONNECTION[connection];
  const isDone = state?.status === 'completed';
  return (
    <section className="batch" aria-labelledby={`title-${batch.id}`} data-status={isDone ? (state.failed > 0 ? 'mixed' : 'completed') : 'processing'}>
      <div className="batch-head">
        <h2 id={`title-${batch.id}`}>{title}</h2>
        <time dateTime={batch.created}>{time.format(new Date(batch.created))}</time>
      </div>
      <p className="sum">
        <span><strong>{state?.completed.toLocaleString('en') ?? 0}</strong> of {(state?.total ?? batch.documents.length).toLocaleString('en')} done</span>
        <span className="percent" aria-hidden="true">{Math.floor(state?.progress ?? 0)} %</span>
      </p>
      <ProgressBar progress={progress} label={`Progress of the batch of ${title}`} className="bar tall" />
      <p className="facts">
        {state && countsOf(state).map((text) => <span key={text} className={text.endsWith('failed') ? 'bad' : undefined}>{text}</span>)}
        {isDone && state.completed === state.total && <span>All done</span>}
        {!isDone && <span className="left">{timeLeft(state?.remaining_seconds)}</span>}
      </p>
      <p className="note" hidden={!note}>{note}</p>
      <details open={isOpen}>
        <summary>{isOpen ? 'Documents' : `Documents (${batch.documents.length.toLocaleString('en')})`}</summary>
        <ul className="documents">
          {batch.documents.map((document) => <DocumentRow key={document.id} document={document} />)}
        </ul>
      </details>
    </section>
  );
}
