import { useEffect, useRef, useState } from 'react';

/** Takes files that are chosen, or dropped anywhere on the page. */
export function DropZone({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const [isOver, setIsOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);

  useEffect(() => {
    const holds = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const over = (event: DragEvent) => {
      if (holds(event)) {
        event.preventDefault();
        setIsOver(true);
      }
    };
    const leave = (event: DragEvent) => event.relatedTarget === null && setIsOver(false);
    const drop = (event: DragEvent) => {
      if (holds(event)) {
        // Else the browser would open the file instead of the page.
        event.preventDefault();
        setIsOver(false);
        onFiles([...(event.dataTransfer?.files ?? [])]);
      }
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, [onFiles]);

  return (
    <section className={isOver ? 'drop over' : 'drop'} aria-label="Upload">
      <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 16V4m0 0L7 9m5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3" /></svg>
      <p><strong>Drop documents here</strong> <span id="accepted">Text, Markdown, CSV, source code. Many at once are one batch.</span></p>
      <label className="button">
        <input
          ref={input} className="unseen" type="file" multiple aria-describedby="accepted"
          onChange={({ target }) => {
            onFiles([...(target.files ?? [])]);
            // The same files may be chosen again.
            target.value = '';
          }}
        />
        <span>Choose files</span>
      </label>
    </section>
  );
}
