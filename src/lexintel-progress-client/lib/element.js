import { describe, messageOf } from './describe.js';
import { isEnd } from './state.js';
import { progressClient } from './index.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {import('./topic.js').Snapshot<State>} AnySnapshot */

const STYLE = `
  :host { display: block; --fill: var(--lexintel-fill, #3556d8); }
  :host([hidden]) { display: none; }
  :host([status=completed]) { --fill: var(--lexintel-completed, #15803d); }
  :host([status=failed]), :host([status=cancelled]), :host([refused]) { --fill: var(--lexintel-failed, #c42b1c); }
  :host([status=retrying]), :host([connection=stalled]) { --fill: var(--lexintel-stalled, #b45309); }
  @media (prefers-color-scheme: dark) {
    :host { --fill: var(--lexintel-fill, #8ea2ff); }
    :host([status=completed]) { --fill: var(--lexintel-completed, #4ade80); }
    :host([status=failed]), :host([status=cancelled]), :host([refused]) { --fill: var(--lexintel-failed, #ff8b80); }
    :host([status=retrying]), :host([connection=stalled]) { --fill: var(--lexintel-stalled, #fbbf24); }
  }
  .bar { height: var(--lexintel-height, .5rem); border-radius: 99px; overflow: hidden; background: var(--lexintel-track, rgb(127 127 127 / .25)); }
  .fill { height: 100%; border-radius: inherit; background: var(--fill); transform: translateX(-100%); transition: transform .3s ease-out, background-color .3s; }
  .first .fill { transition: none; }
  .text { display: flex; gap: .75rem; margin-top: .375rem; font-size: .875rem; }
  .message { flex: 1; min-width: 0; overflow-wrap: anywhere; }
  .remaining, .percent { white-space: nowrap; font-variant-numeric: tabular-nums; }
  @media (prefers-reduced-motion: reduce) { .fill { transition: none; } }
  @media (forced-colors: active) { .bar { border: 1px solid CanvasText; } .fill { background: Highlight; forced-color-adjust: none; } }
`;

/** Where there is no document, as on a server, the class exists and does nothing. */
const Base = globalThis.HTMLElement ?? class {};

/**
 * The progress of a document or a batch as a bar with a line of text: `<lexintel-progress document-id="…">`. It fires `progress`, and once
 * `completed`, `failed` or `refused`, with the snapshot as `detail`. Styled by the attributes `status`, `connection` and `refused`, by the parts
 * `bar`, `fill`, `text`, `message`, `remaining` and `percent`, and by the variables `--lexintel-fill`, `-completed`, `-failed`, `-stalled`, `-track`, `-height`.
 */
export class ProgressElement extends Base {
  static observedAttributes = ['document-id', 'batch-id'];

  /** Another client than the page's, from the next `document-id` or `batch-id` on. It may have been set before the element was known. */
  client = /** @type {{client?: import('./client.js').ProgressClient}} */ (this).client;
  /** @type {AnySnapshot | null} What is known now; `null` while nothing is watched. */
  snapshot = null;
  /** @type {{snapshot: AnySnapshot, close(): void} | undefined} */
  #watch;
  /** Whether the page said what is shown. */
  #isGiven = false;
  /** @type {number | undefined} what waits for the first value to be painted */
  #frame;
  /** @type {Record<'bar' | 'fill' | 'text' | 'message' | 'remaining' | 'percent', HTMLElement> | undefined} */
  #parts;

  connectedCallback() {
    this.#build();
    this.#open();
  }

  disconnectedCallback() {
    this.#close();
  }

  attributeChangedCallback() {
    if (this.isConnected) {
      this.#open();
    }
  }

  /**
   * Shows a state the page has from elsewhere, such as its own list, until there is news.
   * @param {State} state
   */
  show(state) {
    this.#build();
    this.#render({ id: '', connection: isEnd(state) ? 'ended' : 'connecting', state, stalledSince: null, error: null });
    this.#isGiven = true;
  }

  /** Instead of what was open: an element that is written in the page is told of its attributes when it is in the page already, and of that as well. */
  #open() {
    this.#close();
    const client = this.client ?? progressClient();
    const [document, batch] = [this.getAttribute('document-id'), this.getAttribute('batch-id')];
    /** @param {string} name */
    const fire = (name) => (/** @type {AnySnapshot} */ detail) => void this.dispatchEvent(new CustomEvent(name, { detail }));
    const told = {
      onChange: (/** @type {AnySnapshot} */ snapshot) => {
        this.snapshot = snapshot;
        this.#render(snapshot);
        fire('progress')(snapshot);
      },
      onCompleted: fire('completed'),
      onFailed: fire('failed'),
      onRefused: fire('refused'),
    };
    this.#watch = document ? client.watchDocument(document, told) : batch ? client.watchBatch(batch, told) : undefined;
    if (this.#watch) {
      this.#render(this.#watch.snapshot);
    }
  }

  #close() {
    this.#watch?.close();
    this.#watch = undefined;
    this.snapshot = null;
    this.#render(null);
  }

  /** Once, and not in the constructor: an element that a document creates may have no attributes yet. */
  #build() {
    if (this.#parts) {
      return;
    }
    const root = this.attachShadow({ mode: 'open' });
    const create = (/** @type {string} */ part, /** @type {HTMLElement[]} */ ...inside) => {
      const element = document.createElement('div');
      element.className = part;
      element.setAttribute('part', part);
      element.append(...inside);
      return element;
    };
    const [fill, message, remaining, percent] = [create('fill'), create('message'), create('remaining'), create('percent')];
    this.#parts = { fill, message, remaining, percent, bar: create('bar', fill), text: create('text', message, remaining, percent) };
    this.#parts.bar.classList.add('first');
    style(root);
    root.append(this.#parts.bar, this.#parts.text);
    this.setAttribute('role', 'progressbar');
    this.setAttribute('aria-valuemin', '0');
    this.setAttribute('aria-valuemax', '100');
    if (!this.hasAttribute('aria-label') && !this.hasAttribute('aria-labelledby')) {
      this.setAttribute('aria-label', 'Progress');
    }
  }

  /**
   * What is not known any more is not shown any more: it was of another document, or another user's.
   * @param {AnySnapshot | null} snapshot
   */
  #render(snapshot) {
    const set = (/** @type {string} */ name, /** @type {unknown} */ value) => (value == null ? this.removeAttribute(name) : this.setAttribute(name, String(value)));
    const parts = this.#parts;
    const known = snapshot?.state || snapshot?.error ? snapshot : null;
    set('connection', snapshot?.connection);
    this.toggleAttribute('refused', !!known?.error);
    if (!parts || (this.#isGiven && !known)) {
      return;
    }
    this.#isGiven = false;
    const state = known?.state;
    const amount = Math.min(Math.max(Number(state?.progress) || 0, 0), 100);
    set('status', known && (state?.status ?? ''));
    set('aria-valuenow', known && amount);
    set('aria-valuetext', known && describe(known));
    parts.fill.style.transform = known ? `translateX(${amount - 100}%)` : '';
    // Rounded down: "100 %" is for what is finished.
    parts.percent.textContent = !known || known.error ? '' : `${Math.floor(amount)}\u00a0%`;
    parts.message.textContent = known && messageOf(known);
    parts.remaining.textContent = known?.connection === 'ended' ? '' : timeLeft(state?.remaining_seconds);
    if (!known) {
      parts.bar.classList.add('first');
      return;
    }
    // The first value is where the work stands, not a movement: it is painted without a transition.
    // Once, because in a hidden tab no frame comes.
    if (parts.bar.classList.contains('first')) {
      this.#frame ??= requestAnimationFrame(() => requestAnimationFrame(() => {
        this.#frame = undefined;
        parts.bar.classList.remove('first');
      }));
    }
  }
}

/**
 * A sheet, because a content security policy may forbid style elements; those only where browsers know nothing else.
 * @param {ShadowRoot} root
 */
function style(root) {
  if ('adoptedStyleSheets' in root) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  } else {
    const element = document.createElement('style');
    element.textContent = STYLE;
    /** @type {ShadowRoot} */ (root).append(element);
  }
}

/** @param {number | undefined} seconds */
function timeLeft(seconds) {
  if (!Number.isFinite(seconds)) {
    return '';
  }
  const whole = Math.ceil(Math.max(Number(seconds), 1));
  return `about ${whole < 90 ? `${whole}\u00a0s` : `${Math.round(whole / 60)}\u00a0min`} left`;
}

/**
 * Makes `<lexintel-progress>` known. Calling it again changes nothing.
 * @param {string} [name]
 */
export function defineProgressElement(name = 'lexintel-progress') {
  if (globalThis.customElements && !customElements.get(name)) {
    customElements.define(name, ProgressElement);
  }
}
