import { useEffect, useState } from 'react';

const MOST = 5;
const listeners = new Set<(text: string) => void>();

/** Says something to those who do not see it happen. */
export const announce = (text: string) => listeners.forEach((listener) => listener(text));

export function Announcer() {
  const [lines, setLines] = useState<{ key: number; text: string }[]>([]);
  useEffect(() => {
    let count = 0;
    const add = (text: string) => setLines((held) => [...held, { key: count++, text }].slice(-MOST));
    listeners.add(add);
    return () => void listeners.delete(add);
  }, []);
  // Lines are added, so that several ends at once are all said.
  return <div className="unseen" aria-live="polite">{lines.map(({ key, text }) => <p key={key}>{text}</p>)}</div>;
}
