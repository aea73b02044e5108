import { createElement } from 'react';
import { describe } from './describe.js';

/**
 * A bar for what a hook returned, for eyes and for screen readers: the browser's own `<progress>`, with `data-status` and `data-connection`
 * for style sheets. Without a value, which looks like waiting, until the first state came.
 * @param {{progress: import('./describe.js').AnySnapshot, label: string} & import('react').ProgressHTMLAttributes<HTMLProgressElement>} props `label`: what it is the progress of
 * @returns {import('react').ReactElement}
 */
export function ProgressBar({ progress, label, ...others }) {
  return createElement('progress', {
    max: 100,
    value: progress.state?.progress,
    'aria-label': label,
    'aria-valuetext': describe(progress),
    'data-status': progress.state?.status,
    'data-connection': progress.connection,
    ...others,
  });
}
