// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { defineProgressElement, ProgressElement } from '../lib/element.js';
import { configureProgress } from '../lib/index.js';
import { first, revision, World } from './support/world.js';

defineProgressElement();
defineProgressElement();

/** @type {World} */
let world;
let server;
let element;
let fired;
/** Frames come when a test says so. */
let frames;

beforeEach(() => {
  frames = vi.spyOn(globalThis, 'requestAnimationFrame').mockReset().mockReturnValue(1);
  world = new World();
  ({ server } = world);
  server.publish('doc', { revision: revision(1), progress: 10, message: 'Reading', step: 'extraction', remaining_seconds: 100 });
  document.body.replaceChildren();
  element = document.createElement('lexintel-progress');
  element.client = world.tab().client();
  fired = [];
  for (const name of ['progress', 'completed', 'failed', 'refused']) {
    element.addEventListener(name, ({ type, detail }) => fired.push([type, detail.state?.status]));
  }
});

const open = (id = 'doc') => {
  element.setAttribute('document-id', id);
  document.body.append(element);
};
const text = (part) => element.shadowRoot.querySelector(`[part=${part}]`).textContent;

describe('<lexintel-progress>', () => {
  it('shows a document', async () => {
    open();
    await world.pass();
    expect([element.getAttribute('status'), element.getAttribute('connection'), element.getAttribute('aria-valuenow')]).toEqual(['processing', 'live', '10']);
    expect([text('message'), text('percent'), text('remaining')]).toEqual(['Reading', '10\u00a0%', 'about 2\u00a0min left']);
    expect(element.shadowRoot.querySelector('[part=fill]').style.transform).toBe('translateX(-90%)');
    expect(element.snapshot.state.progress).toBe(10);
  });

  it('is a progress bar to assistive technology, with the name its author gave', async () => {
    element.setAttribute('aria-label', 'Progress of lease.pdf');
    open();
    await world.pass();
    expect(element.getAttribute('role')).toBe('progressbar');
    expect(element.getAttribute('aria-label')).toBe('Progress of lease.pdf');
    expect(element.getAttribute('aria-valuetext')).toBe('10 percent, processing, Reading');
  });

  it('sets text of the server as text', async () => {
    server.publish('doc', { revision: revision(2), message: '<img src=x onerror="alert(1)">', status: 'failed', error_message: '<b>bad</b>' });
    open();
    await world.pass();
    expect(text('message')).toBe('<b>bad</b>');
    expect(element.shadowRoot.querySelectorAll('b, img')).toHaveLength(0);
  });

  it('fires events, and the end once', async () => {
    open();
    await world.pass();
    server.publish('doc', { revision: revision(2), status: 'completed', progress: 100 });
    await world.pass(60_000);
    expect(fired.filter(([type]) => type !== 'progress')).toEqual([['completed', 'completed']]);
    expect(fired).toContainEqual(['progress', 'processing']);
    expect(text('remaining')).toBe('');
  });

  it('shows that it is refused', async () => {
    server.streamStatus = 403;
    server.answer = () => ({ status: 403, body: { detail: 'Not yours.' } });
    open();
    await world.pass();
    expect(element.hasAttribute('refused')).toBe(true);
    expect([text('message'), text('percent')]).toEqual(['Not yours.', '']);
    expect(fired.at(-1)).toEqual(['refused', undefined]);
  });

  it('follows its attribute', async () => {
    server.publish('other', { revision: revision(1), progress: 55 });
    open();
    await world.pass();
    element.setAttribute('document-id', 'other');
    await world.pass(1000);
    expect(element.getAttribute('aria-valuenow')).toBe('55');
    element.removeAttribute('document-id');
    expect(element.snapshot).toBeNull();
    await world.pass(30_000);
    expect(server.streams).toHaveLength(0);
  });

  it('looks anew at what has ended when its attribute is set again', async () => {
    open();
    await world.pass();
    server.publish('doc', { revision: revision(2), status: 'completed', progress: 100 });
    await world.pass();
    server.documents.set('doc', { ...server.documents.get('doc'), revision: revision(1, first + 1000), status: 'processing', progress: 3 });
    element.setAttribute('document-id', 'doc');
    await world.pass(1000);
    expect(element.getAttribute('aria-valuenow')).toBe('3');
    server.publish('doc', { revision: revision(2, first + 1000), status: 'completed', progress: 100 });
    await world.pass();
    expect(fired.filter(([type]) => type === 'completed')).toHaveLength(2);
  });

  const shown = () => [
    ...['status', 'aria-valuenow', 'aria-valuetext'].map((name) => element.getAttribute(name)),
    ...['message', 'percent', 'remaining'].map(text), element.shadowRoot.querySelector('[part=fill]').style.transform,
  ];
  const NOTHING = [null, null, null, '', '', '', ''];

  it('shows nothing of the document before', async () => {
    server.publish('doc', { revision: revision(2), status: 'completed', progress: 100 });
    open();
    await world.pass();
    element.setAttribute('document-id', 'queued');
    expect(shown()).toEqual(NOTHING);
    expect(element.getAttribute('connection')).toBe('connecting');
    await world.pass(1000);
    expect(element.getAttribute('connection')).toBe('live');
    expect(shown()).toEqual(NOTHING);
    element.removeAttribute('document-id');
    expect(element.hasAttribute('connection')).toBe(false);
  });

  it('shows nothing of the user before', async () => {
    open();
    await world.pass();
    expect(text('message')).toBe('Reading');
    element.client.setIdentity('bob');
    expect(shown()).toEqual(NOTHING);
    await world.pass(1000);
    expect(text('message')).toBe('Reading');
  });

  it('shows at once what is known of its document', async () => {
    open();
    await world.pass();
    element.remove();
    document.body.append(element);
    expect([element.getAttribute('connection'), text('message')]).toEqual(['live', 'Reading']);
  });

  it('that is written in the page watches once', async () => {
    configureProgress({ browser: world.tab().browser });
    document.body.innerHTML = '<lexintel-progress document-id="doc"></lexintel-progress>';
    element = document.body.firstElementChild;
    element.addEventListener('completed', ({ type }) => fired.push(type));
    await world.pass();
    server.publish('doc', { revision: revision(2), status: 'completed', progress: 100 });
    await world.pass();
    expect(fired).toEqual(['completed']);
    server.publish('other', { revision: revision(1) });
    element.setAttribute('document-id', 'other');
    await world.pass(1000);
    element.remove();
    await world.pass(30_000);
    expect(server.streams).toHaveLength(0);
  });

  it('watches while it is in the page', async () => {
    open();
    await world.pass();
    element.remove();
    await world.pass(3000);
    document.body.append(element);
    await world.pass(1000);
    expect(server.streamRequests).toHaveLength(1);
    element.remove();
    await world.pass(30_000);
    expect(server.streams).toHaveLength(0);
  });

  it('shows what the page knows until there is news, also before it is in the page', async () => {
    element.show({ document_id: 'doc', status: 'processing', progress: 5, message: 'From the list', step: '' });
    expect([element.getAttribute('aria-valuenow'), text('message')]).toEqual(['5', 'From the list']);
    open();
    expect(element.getAttribute('aria-valuenow')).toBe('5');
    await world.pass();
    expect(element.getAttribute('aria-valuenow')).toBe('10');
    element.show({ document_id: 'queued', status: 'pending', progress: 0, message: 'In the queue', step: '' });
    element.setAttribute('document-id', 'queued');
    await world.pass(1000);
    expect(text('message')).toBe('In the queue');
    element.setAttribute('document-id', 'doc');
    await world.pass(1000);
    expect(text('message')).toBe('Reading');
  });

  it('shows a batch', async () => {
    server.publishBatch('b', { revision: revision(1), completed: 3, progress: 30 });
    element.setAttribute('batch-id', 'b');
    document.body.append(element);
    await world.pass();
    expect(text('message')).toBe('3 of 10 done');
  });

  it('takes no document for a batch, whatever fields it has', async () => {
    server.publish('doc', { revision: revision(2), message: 'Reading', batch_id: 'b', total: 7, completed: 3 });
    open();
    await world.pass();
    expect(text('message')).toBe('Reading');
  });

  it('paints the first value without a transition, and asks once for that', async () => {
    const isFirst = () => element.shadowRoot.querySelector('[part=bar]').classList.contains('first');
    open();
    await world.pass();
    for (let i = 2; i < 9; i++) {
      server.publish('doc', { revision: revision(i), progress: 10 + i });
      await world.pass();
    }
    expect(isFirst()).toBe(true);
    expect(frames).toHaveBeenCalledOnce();
    frames.mock.calls[0][0]();
    frames.mock.calls[1][0]();
    expect(isFirst()).toBe(false);
    server.publish('doc', { revision: revision(10), progress: 60 });
    await world.pass();
    expect(frames).toHaveBeenCalledTimes(2);
    element.removeAttribute('document-id');
    element.setAttribute('document-id', 'doc');
    expect([isFirst(), frames.mock.calls.length]).toEqual([true, 3]);
  });

  it('takes a client that was set before the element was known', async () => {
    const own = world.tab().client();
    element = document.createElement('lexintel-later');
    element.client = own;
    open();
    customElements.define('lexintel-later', class extends ProgressElement {});
    await world.pass();
    expect(element.client).toBe(own);
    expect(text('message')).toBe('Reading');
  });
});
