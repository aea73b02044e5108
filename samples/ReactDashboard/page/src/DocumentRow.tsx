import { memo, useState } from 'react';
import { ProgressBar, useDocumentProgress } from 'lexintel-progress-client/react';
import { announce } from './Announcer';
import { ApiError, cancelDocument, type DocumentInfo } from './api';
import { forget, sendAgain, useUpload } from './uploads';
import { fileSize, STALLED, STATUS, timeLeft } from './words';

const ENDS = ['completed', 'failed', 'cancelled', 'refused'];

/** A document on its way: first to the server, then through its work. */
export const DocumentRow = memo(function DocumentRow({ document: { id, name, size } }: { document: DocumentInfo }) {
  const upload = useUpload(id);
  const [problem, setProblem] = useState('');
  const progress = useDocumentProgress(id, {
    onFailed: ({ state }) => announce(`${name} failed. ${state?.error_message ?? ''}`),
  });
  const { state, connection, error } = progress;
  const isBroken = !state && upload?.phase === 'broken';
  const status = error ? 'refused' : state && state.status !== 'pending' ? state.status : upload && upload.phase !== 'sent' ? upload.phase : 'pending';
  const isOver = ENDS.includes(status);
  const trouble = error ? (error.detail ?? 'The server does not show this document any more.') : state?.error_message ?? (isBroken ? upload.reason : problem);

  const cancel = async () => {
    try {
      await cancelDocument(id);
      forget(id);
      setProblem('');
    } catch (reason) {
      setProblem(`Not cancelled. ${reason instanceof ApiError ? reason.message : ''}`);
    }
  };

  return (
    <li className="document" data-status={status}>
      <div className="name-line">
        <h3>{name}</h3>
        <span className="size">{fileSize(size)}</span>
        <span className="status">{STATUS[status]}</span>
        {!isOver && <button type="button" className="quiet" aria-label={`Cancel ${name}`} onClick={cancel}>Cancel</button>}
      </div>
      {!isOver && <ProgressBar progress={progress} label={`Progress of ${name}`} className="bar" />}
      <p className="doing" hidden={!state?.message && isOver}>
        <span>{state?.message || (isOver ? '' : !upload && !state ? 'Its file is not here yet. Upload it again, or cancel it.' : '')}</span>
        <span className="left">{isOver ? '' : timeLeft(state?.remaining_seconds)}</span>
      </p>
      <p className="note" hidden={connection !== 'stalled'}>{STALLED}</p>
      <p className="trouble" hidden={!trouble}>
        <span>{trouble}</span>
        {isBroken && <button type="button" onClick={() => sendAgain(id)}>Send again</button>}
      </p>
    </li>
  );
});
