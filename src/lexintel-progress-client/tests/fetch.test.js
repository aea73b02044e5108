import { beforeEach, describe, expect, it, vi } from 'vitest';
import { revision, World } from './support/world.js';

/** @type {World} */
let world;
let server;
let tab;

beforeEach(() => {
  world = new World();
  ({ server } = world);
  tab = world.tab();
  server.publish('doc', { revision: revision(1), progress: 10 });
});

describe('streaming with a token', () => {
  it('uses fetch, with the token on every request', async () => {
    const watch = tab.client({ getToken: () => 'secret' }).watchDocument('doc');
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'live', state: { progress: 10 } });
    expect(tab.sources).toHaveLength(0);
    server.streamStatus = 500;
    server.stream.end();
    await world.pass(5000);
    expect(watch.snapshot.connection).toBe('polling');
    expect(server.requests.every(({ headers }) => headers.Authorization === 'Bearer secret')).toBe(true);
  });

  it('shows what comes, in pieces of any size, junk between them', async () => {
    const watch = tab.client({ getToken: async () => 'secret' }).watchDocument('doc');
    await world.pass();
    server.stream.write(`: hello\n\ndata: {"bro\n\nevent: nonsense\ndata: x\n\ndata: [1]\n\ndata: {"document_id":"other","status":"completed"}\n\nid: x`);
    for (const character of `\n\nid: ${revision(2)}\r\ndata: {"document_id":"doc","status":"processing","revision":"${revision(2)}","progress":20,"message":"Größe 🙂"}\r\n\r\n\n`) {
      server.stream.write(character);
    }
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'live', state: { progress: 20, message: 'Größe 🙂' } });
  });

  it('says what it has when it comes back', async () => {
    tab.client({ getToken: () => 'secret' }).watchDocument('doc');
    await world.pass();
    server.stream.end();
    await world.pass(5000);
    expect(server.streamRequests[1].headers['Last-Event-ID']).toBe(revision(1));
  });

  it('stays away as long as the server asked for before the end', async () => {
    tab.client({ getToken: () => 'secret' }).watchDocument('doc');
    await world.pass();
    server.stream.write('retry: 20000\n\nevent: bye\ndata: {"reason":"shutdown"}\n\n');
    server.stream.end();
    await world.pass(19_500);
    expect(server.streamRequests).toHaveLength(1);
    await world.pass(1000);
    expect(server.streamRequests).toHaveLength(2);
  });

  it('stays away as long as Retry-After asks for', async () => {
    server.streamStatus = 503;
    server.headers = { 'Retry-After': '25' };
    tab.client({ getToken: () => 'secret' }).watchDocument('doc');
    await world.pass(24_000);
    expect(server.streamRequests).toHaveLength(1);
    server.streamStatus = 200;
    await world.pass(2000);
    expect(server.streams).toHaveLength(1);
  });

  it('asks for another token when one is refused, once', async () => {
    const getToken = vi.fn((isRefused) => (isRefused ? 'new' : 'old'));
    server.answer = () => undefined;
    const handle = server.handle.bind(server);
    server.handle = (request) => (request.headers.Authorization === 'Bearer new' ? handle(request) : { status: 401 });
    const watch = tab.client({ getToken }).watchDocument('doc');
    await world.pass();
    expect(watch.snapshot.connection).toBe('live');
    expect(getToken.mock.calls).toEqual([[false], [true]]);
  });

  it('ends when both are refused', async () => {
    server.handle = () => ({ status: 401 });
    const watch = tab.client({ getToken: () => 'old' }).watchDocument('doc');
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'ended', error: { status: 401 } });
  });

  it('survives a token that cannot be had, or never comes', async () => {
    let getToken = () => Promise.reject(new Error('no network'));
    const watch = tab.client({ getToken: () => getToken() }).watchDocument('doc');
    await world.pass(5000);
    expect(watch.snapshot.connection).toBe('connecting');
    getToken = () => new Promise(() => {});
    await world.pass(60_000);
    getToken = () => 'secret';
    await world.pass(90_000);
    expect(watch.snapshot.connection).toBe('live');
  });
});

describe('several documents', () => {
  it('share one stream', async () => {
    const client = tab.client();
    const watches = ['a', 'b', 'c'].map((id) => client.watchDocument(id));
    const many = client.watchDocuments(['c', 'd', 'a']);
    await world.pass();
    expect(server.mostStreams).toBe(1);
    expect(server.streamRequests).toHaveLength(1);
    expect(server.streamRequests[0].path).toBe('/progress/stream');
    expect(server.stream.documents).toEqual(['a', 'b', 'c', 'd']);
    server.publish('b', { revision: revision(1), progress: 33 });
    await world.pass();
    expect(watches[1].snapshot.state.progress).toBe(33);
    expect(many.snapshot.documents.map(({ id }) => id)).toEqual(['c', 'd', 'a']);
  });

  it('are taken in one by one, with never more than one stream, and without a word to those that are live', async () => {
    const client = tab.client();
    const seen = [];
    client.watchDocument('doc', { onChange: ({ connection }) => seen.push(connection) });
    await world.pass();
    for (let i = 0; i < 10; i++) {
      client.watchDocument(`doc-${i}`);
      await world.pass(100);
    }
    await world.pass(1000);
    expect(server.mostStreams).toBe(1);
    expect(server.streamRequests.length).toBeLessThanOrEqual(5);
    expect(server.stream.documents).toHaveLength(11);
    expect([...new Set(seen)]).toEqual(['live']);
  });

  it('that nobody wants any more are let go after a while', async () => {
    const client = tab.client();
    client.watchDocument('a');
    const b = client.watchDocument('b');
    await world.pass();
    b.close();
    await world.pass(5000);
    expect(server.streamRequests).toHaveLength(1);
    await world.pass(12_000);
    expect(server.stream.request.path).toBe('/progress/documents/a/stream');
  });

  it('go on behind the revision of each of them', async () => {
    const ids = Array.from({ length: 101 }, (_, i) => `d${i}`);
    server.publish('d7', { revision: revision(3), progress: 70 });
    const watch = tab.client().watchDocuments(ids);
    await world.pass();
    const [request] = server.streamRequests;
    expect(request).toMatchObject({ method: 'POST', path: '/progress/stream', headers: { 'Content-Type': 'application/json' } });
    expect(server.stream.documents).toEqual(ids);
    expect(watch.snapshot.documents[7].state.progress).toBe(70);
    server.stream.end();
    await world.pass(5000);
    expect(JSON.parse(server.streamRequests[1].body).documents).toMatchObject({ d7: revision(3), d8: null });
  });

  it('have ids of any kind', async () => {
    const ids = ['a/b', 'a%2Fb', 'ü 🙂', '__proto__', 'constructor', '?x=1&documents=y', '#', ...Array.from({ length: 100 }, (_, i) => `d${i}`)];
    const watch = tab.client().watchDocuments(ids);
    ids.forEach((id, i) => server.publish(id, { revision: revision(1), progress: i % 100 }));
    await world.pass();
    ids.forEach((id, i) => expect(watch.snapshot.documents[i]).toMatchObject({ id, connection: 'live', state: { document_id: id, progress: i % 100 } }));
  });

  it('are refused one by one', async () => {
    const watch = tab.client().watchDocuments(['a', 'b']);
    await world.pass();
    server.stream.event('denied', { document_id: 'b', status: 403 });
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'live', documents: [{ connection: 'live' }, { connection: 'ended', error: { status: 403 } }] });
  });

  it('that are refused for the moment are asked for, and taken along by another stream', async () => {
    const watch = tab.client().watchDocuments(['a', 'b']);
    await world.pass();
    server.stream.event('denied', { document_id: 'b', status: 503 });
    await world.pass(0);
    expect(watch.snapshot.documents.map(({ connection }) => connection)).toEqual(['live', 'connecting']);
    await world.pass(2000);
    expect(watch.snapshot.documents.map(({ connection }) => connection)).toEqual(['live', 'polling']);
    expect(new Set(server.statusRequests.map(({ path }) => path))).toEqual(new Set(['/progress/documents/b/status']));
    for (let i = 0; i < 3; i++) {
      await world.pass(10_000);
      server.stream.event('heartbeat');
    }
    await world.pass(0);
    expect(watch.snapshot.documents.map(({ connection }) => connection)).toEqual(['live', 'live']);
    expect(server.mostStreams).toBe(1);
  });

  it('are all asked for within a second when the stream breaks, also while one is refused for the moment', async () => {
    server.knowsWait = true;
    const watch = tab.client().watchDocuments(['a', 'b', 'doc']);
    await world.pass();
    server.publish('b', { revision: revision(1), progress: 5 });
    server.stream.event('denied', { document_id: 'b', status: 503 });
    await world.pass(5000);
    server.streamStatus = 500;
    server.stream.end();
    server.publish('doc', { revision: revision(2), progress: 20 });
    await world.pass(0);
    expect(watch.snapshot.documents.map(({ connection }) => connection)).toEqual(['connecting', 'connecting', 'connecting']);
    await world.pass(1000);
    expect(watch.snapshot.documents.map(({ connection }) => connection)).toEqual(['polling', 'polling', 'polling']);
    expect(watch.snapshot.documents[2].state.progress).toBe(20);
  });

  it('show the worst of their connections', async () => {
    const watch = tab.client().watchDocuments(['a', 'b']);
    expect(watch.snapshot.connection).toBe('connecting');
    await world.pass();
    server.stream.event('stalled', { document_id: 'b', since: '2026-01-03T10:30:45.123Z' });
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'stalled', documents: [{ connection: 'live' }, { connection: 'stalled' }] });
    server.publish('a', { revision: revision(1), status: 'completed', progress: 100 });
    server.publish('b', { revision: revision(1), status: 'cancelled' });
    await world.pass();
    expect(watch.snapshot.connection).toBe('ended');
    expect(server.streams).toHaveLength(0);
  });

  it('are at most a thousand on one stream', async () => {
    const ids = Array.from({ length: 1001 }, (_, i) => `d${i}`);
    const watch = tab.client().watchDocuments(ids);
    await world.pass(1000);
    expect(watch.snapshot.connection).toBe('live');
    expect(server.streamRequests.map(({ method }) => method)).toEqual(['POST', 'GET']);
    expect(server.streams[0].documents).toHaveLength(1000);
  });

  /** Refuses what the host does not take, as 400. */
  const refuse = (isRefused) => {
    const handle = server.handle.bind(server);
    server.handle = (request) => (request.body && isRefused(Object.keys(JSON.parse(request.body).documents)) ? { status: 400 } : handle(request));
  };

  it('are fewer on a stream where the host takes fewer', async () => {
    refuse((ids) => ids.length > 8);
    const ids = Array.from({ length: 20 }, (_, i) => `d${i}`);
    const watch = tab.client().watchDocuments(ids);
    await world.pass(30_000);
    expect(server.streams.map((stream) => stream.documents)).toEqual([ids.slice(0, 5), ids.slice(5, 10), ids.slice(10, 15)]);
    expect(watch.snapshot.documents.map(({ connection }) => connection)).toEqual([...Array(15).fill('live'), ...Array(5).fill('polling')]);
  });

  it('are as many as ever when one of them is none', async () => {
    refuse((ids) => ids.includes('bad'));
    server.answer = (id) => (id === 'bad' ? { status: 400 } : undefined);
    const ids = Array.from({ length: 20 }, (_, i) => `d${i}`);
    const watch = tab.client().watchDocuments([...ids, 'bad']);
    await world.pass(20_000);
    expect(server.streams.map((stream) => stream.documents)).toEqual([ids]);
    expect(watch.snapshot.documents[20].error).toMatchObject({ status: 400 });
  });

  it('may be none', () => {
    expect(tab.client().watchDocuments([]).snapshot).toEqual({ connection: 'ended', documents: [] });
  });
});

describe('a batch', () => {
  it('is streamed on its own line', async () => {
    server.publishBatch('b/1', { revision: revision(1), completed: 3, progress: 30 });
    const onCompleted = vi.fn();
    const client = tab.client();
    const watch = client.watchBatch('b/1', { onCompleted });
    const document = client.watchDocument('doc');
    await world.pass();
    expect(server.streamRequests.map(({ path }) => path).sort()).toEqual(['/progress/batches/b%2F1/stream', '/progress/documents/doc/stream']);
    expect(watch.snapshot).toMatchObject({ connection: 'live', state: { completed: 3, total: 10 } });
    server.streams.find(({ request }) => request.path.includes('/batches/')).event('batch', { ...server.batches.get('b/1'), revision: revision(2), status: 'completed', completed: 9, failed: 1, progress: 100 });
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'ended', state: { failed: 1 } });
    expect(onCompleted).toHaveBeenCalledOnce();
    expect(document.snapshot.connection).toBe('live');
  });

  it('is asked for, without waiting, while there are three streams', async () => {
    server.knowsWait = true;
    const ids = ['a', 'b', 'c', 'd', 'e'];
    ids.forEach((id) => server.publishBatch(id, { revision: revision(1), completed: 3 }));
    const client = tab.client();
    const watches = ids.map((id) => client.watchBatch(id));
    const document = client.watchDocument('doc');
    const connections = () => [document, ...watches].map(({ snapshot }) => snapshot.connection);
    await world.pass(10_000);
    expect(connections()).toEqual(['live', 'live', 'live', 'polling', 'polling', 'polling']);
    expect(server.statusRequests.every(({ query }) => !query.has('wait'))).toBe(true);
    server.publishBatch('a', { revision: revision(2), status: 'completed', completed: 10 });
    await world.pass(1000);
    expect(connections()).toEqual(['live', 'ended', 'live', 'live', 'polling', 'polling']);
    server.publish('doc', { revision: revision(2), status: 'completed', progress: 100 });
    await world.pass(1000);
    expect(connections()).toEqual(['ended', 'ended', 'live', 'live', 'live', 'polling']);
    expect(server.mostStreams).toBe(3);
  });

  it('is asked for when it cannot be streamed', async () => {
    server.streamStatus = 500;
    server.publishBatch('b', { revision: revision(1), completed: 3 });
    const watch = tab.client().watchBatch('b');
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'polling', state: { completed: 3 } });
  });
});
