// @vitest-environment jsdom
import { act, cleanup, render, renderHook } from '@testing-library/react';
import { createElement as h, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { hydrateRoot } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProgressBar, useBatchProgress, useDocumentProgress, useDocumentsProgress } from '../lib/react.js';
import { revision, World } from './support/world.js';

/** @type {World} */
let world;
let server;
let client;

beforeEach(() => {
  world = new World();
  ({ server } = world);
  client = world.tab().client();
  server.publish('doc', { revision: revision(1), progress: 10 });
});

afterEach(cleanup);

const pass = (milliseconds) => act(() => world.pass(milliseconds));
const Bar = ({ id, ...callbacks }) => h(ProgressBar, { progress: useDocumentProgress(id, { client, ...callbacks }), label: 'Progress of it' });

describe('useDocumentProgress', () => {
  it('shows each newer state', async () => {
    const { result } = renderHook(() => useDocumentProgress('doc', { client }));
    expect(result.current).toEqual({ id: 'doc', connection: 'connecting', state: null, stalledSince: null, error: null });
    await pass();
    expect(result.current).toMatchObject({ connection: 'live', state: { progress: 10 } });
    server.publish('doc', { revision: revision(2), progress: 20 });
    await pass();
    expect(result.current.state.progress).toBe(20);
  });

  it('watches another document when the id changes, and none without an id', async () => {
    server.publish('other', { revision: revision(1), progress: 77 });
    const { result, rerender } = renderHook(({ id }) => useDocumentProgress(id, { client }), { initialProps: { id: 'doc' } });
    await pass();
    rerender({ id: 'other' });
    expect(result.current).toMatchObject({ id: 'other', state: null });
    await pass(1000);
    expect(result.current.state.progress).toBe(77);
    rerender({ id: null });
    expect(result.current).toMatchObject({ id: '', connection: 'connecting', state: null });
    await pass(30_000);
    expect(server.streams).toHaveLength(0);
  });

  it('opens one stream under StrictMode, and calls back once', async () => {
    const onCompleted = vi.fn();
    render(h(StrictMode, null, h(Bar, { id: 'doc', onCompleted }), h(Bar, { id: 'doc' })));
    await pass();
    server.publish('doc', { revision: revision(2), status: 'completed', progress: 100 });
    await pass(60_000);
    expect(onCompleted).toHaveBeenCalledOnce();
    expect(server.streamRequests).toHaveLength(1);
  });

  it('calls the callbacks of the newest rendering', async () => {
    const [old, recent] = [vi.fn(), vi.fn()];
    const { rerender } = renderHook(({ onFailed }) => useDocumentProgress('doc', { client, onFailed }), { initialProps: { onFailed: old } });
    await pass();
    rerender({ onFailed: recent });
    server.publish('doc', { revision: revision(2), status: 'failed' });
    await pass();
    expect(old).not.toHaveBeenCalled();
    expect(recent).toHaveBeenCalledOnce();
    expect(server.streamRequests).toHaveLength(1);
  });

  it('closes the watch with its last component', async () => {
    const { unmount } = renderHook(() => useDocumentProgress('doc', { client }));
    await pass();
    unmount();
    await pass(30_000);
    expect(server.streams).toHaveLength(0);
  });

  it('keeps the stream when a view is left and opened again', async () => {
    const first = renderHook(() => useDocumentProgress('doc', { client }));
    await pass();
    first.unmount();
    await pass(3000);
    const { result } = renderHook(() => useDocumentProgress('doc', { client }));
    expect(result.current).toMatchObject({ connection: 'live', state: { progress: 10 } });
    await pass(30_000);
    expect(server.streamRequests).toHaveLength(1);
  });
});

describe('useDocumentsProgress', () => {
  it('keeps the order, and one stream, whatever list is handed in', async () => {
    const ids = Array.from({ length: 20 }, (_, i) => `doc-${i}`);
    const { result, rerender } = renderHook(() => useDocumentsProgress([...ids], { client }));
    expect(result.current.documents.map(({ id }) => id)).toEqual(ids);
    await pass();
    rerender();
    server.publish('doc-7', { revision: revision(1), progress: 70 });
    await pass(1000);
    expect(result.current.documents[7].state.progress).toBe(70);
    expect(server.streamRequests).toHaveLength(1);
  });

  it('keeps what is known, and looks anew at nothing, when the list changes', async () => {
    server.publish('done', { revision: revision(9), status: 'completed', progress: 100 });
    const seen = [];
    const { rerender } = renderHook(({ ids }) => seen.push(useDocumentsProgress(ids, { client })), { initialProps: { ids: ['doc', 'done'] } });
    await pass(5000);
    seen.length = 0;
    for (const ids of [['new', 'doc', 'done'], ['done', 'doc']]) {
      rerender({ ids });
      await pass(1000);
    }
    for (const { documents } of seen) {
      expect(documents.map(({ id, state }) => [id, state?.progress]).filter(([id]) => id !== 'new').sort()).toEqual([['doc', 10], ['done', 100]]);
    }
    expect(server.streamRequests).toHaveLength(2);
    expect(server.stream.documents.sort()).toEqual(['doc', 'new']);
  });

  it('keeps nothing of another client', async () => {
    const seen = [];
    const { rerender } = renderHook(({ ids, client }) => seen.push(useDocumentsProgress(ids, { client }).documents[0].state), { initialProps: { ids: ['doc'], client } });
    await pass();
    expect(seen.at(-1).progress).toBe(10);
    seen.length = 0;
    rerender({ ids: ['doc', 'a'], client: world.tab().client() });
    expect(seen[0]).toBeNull();
  });

  it('may have none', () => {
    const { result } = renderHook(() => useDocumentsProgress([], { client }));
    expect(result.current.documents).toEqual([]);
  });
});

describe('useBatchProgress', () => {
  it('shows the aggregate', async () => {
    server.publishBatch('b', { revision: revision(1), completed: 3, progress: 30 });
    const { result } = renderHook(() => useBatchProgress('b', { client }));
    await pass();
    expect(result.current).toMatchObject({ connection: 'live', state: { completed: 3 } });
  });
});

describe('on a server', () => {
  it('renders the empty snapshot, and hydrates without a complaint', async () => {
    const html = renderToString(h(Bar, { id: 'doc' }));
    expect(html).toContain('aria-label="Progress of it"');
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => {});
    const container = document.createElement('div');
    container.innerHTML = html;
    let root;
    await act(async () => (root = hydrateRoot(container, h(Bar, { id: 'doc' }))));
    await pass();
    expect(complaints).not.toHaveBeenCalled();
    expect(container.querySelector('progress').value).toBe(10);
    act(() => root.unmount());
  });
});

describe('ProgressBar', () => {
  it('says everything to those who do not see it', async () => {
    server.publish('doc', { revision: revision(2), progress: 42.7, message: 'Reading page 4' });
    const { getByRole } = render(h(Bar, { id: 'doc' }));
    expect(getByRole('progressbar').hasAttribute('value')).toBe(false);
    await pass();
    const bar = getByRole('progressbar', { name: 'Progress of it' });
    expect(bar.getAttribute('aria-valuetext')).toBe('42 percent, processing, Reading page 4');
    expect([bar.value, bar.dataset.status, bar.dataset.connection]).toEqual([42.7, 'processing', 'live']);
    server.stream.event('stalled', { since: '2026-01-03T10:30:45.123Z' });
    await pass();
    expect(bar.getAttribute('aria-valuetext')).toBe('42 percent, processing, Reading page 4, no sign of life');
  });

  it('says why there is nothing', async () => {
    server.streamStatus = 404;
    server.answer = () => ({ status: 404 });
    const { getByRole } = render(h(Bar, { id: 'doc' }));
    await pass();
    expect(getByRole('progressbar').getAttribute('aria-valuetext')).toBe('Not available (404)');
  });

  it('takes attributes of its own', () => {
    const { getByRole } = render(h(ProgressBar, { progress: client.watchBatch('b').snapshot, label: 'Batch', className: 'wide' }));
    expect(getByRole('progressbar').className).toBe('wide');
  });
});
