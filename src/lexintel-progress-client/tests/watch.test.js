import { beforeEach, describe, expect, it, vi } from 'vitest';
import { configureProgress, progressClient, setIdentity, watchBatch, watchDocument, watchDocuments } from '../lib/index.js';
import { first, revision, World } from './support/world.js';

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

const complete = (number = 9) => server.publish('doc', { revision: revision(number), status: 'completed', progress: 100 });

describe('callbacks', () => {
  it('are called once, whatever happens afterwards', async () => {
    const onCompleted = vi.fn();
    const onFailed = vi.fn();
    const both = { onCompleted, onFailed };
    const other = client.watchDocuments(['doc', 'else'], both);
    await world.pass();
    complete();
    await world.pass();
    complete(10);
    server.stream.end();
    await world.pass(60_000);
    expect(onCompleted).toHaveBeenCalledOnce();
    expect(onCompleted.mock.calls[0][0]).toMatchObject({ id: 'doc', connection: 'ended', state: { status: 'completed' } });
    expect(onFailed).not.toHaveBeenCalled();
    other.close();
  });

  it('are called for a document that had ended before', async () => {
    complete();
    const onCompleted = vi.fn();
    client.watchDocument('doc');
    await world.pass();
    client.watchDocument('doc', { onCompleted });
    expect(onCompleted).not.toHaveBeenCalled();
    await world.pass();
    expect(onCompleted).toHaveBeenCalledOnce();
  });

  it('are not called after close', async () => {
    const onCompleted = vi.fn();
    const onChange = vi.fn();
    const watch = client.watchDocument('doc', { onCompleted, onChange });
    await world.pass();
    onChange.mockClear();
    watch.close();
    complete();
    await world.pass(2000);
    expect(onCompleted).not.toHaveBeenCalled();
    expect(onChange).not.toHaveBeenCalled();
    expect(watch.snapshot.connection).toBe('ended');
  });

  it('say failed, with the server\'s text', async () => {
    const onFailed = vi.fn();
    client.watchDocument('doc', { onFailed });
    await world.pass();
    server.publish('doc', { revision: revision(2), status: 'failed', error_message: 'Damaged.' });
    await world.pass();
    expect(onFailed.mock.calls).toMatchObject([[{ state: { error_message: 'Damaged.' } }]]);
  });

  it('say refused', async () => {
    server.streamStatus = 404;
    server.answer = () => ({ status: 404, body: { detail: "There is no document 'doc'." } });
    const onRefused = vi.fn();
    client.watchDocument('doc', { onRefused });
    await world.pass(1000);
    expect(onRefused.mock.calls).toMatchObject([[{ error: { status: 404, detail: "There is no document 'doc'." } }]]);
  });

  it('that throw are reported, and harm nobody', async () => {
    const reported = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', (error) => reported.push(error.message));
    const onChange = vi.fn();
    client.watchDocument('doc', { onChange: () => { throw new Error('the page\'s mistake'); } });
    client.watchDocument('doc', { onChange });
    await world.pass();
    process.removeAllListeners('uncaughtException');
    listeners.forEach((listener) => process.on('uncaughtException', listener));
    expect(onChange).toHaveBeenCalled();
    expect(new Set(reported)).toEqual(new Set(['the page\'s mistake']));
  });
});

describe('subscribe', () => {
  it('calls with each new snapshot until it is stopped', async () => {
    const seen = [];
    const watch = client.watchDocument('doc');
    const stop = watch.subscribe((snapshot) => seen.push(snapshot.state?.progress));
    await world.pass();
    stop();
    server.publish('doc', { revision: revision(2), progress: 20 });
    await world.pass();
    expect(seen.at(-1)).toBe(10);
    expect(watch.snapshot.state.progress).toBe(20);
  });

  it('is not called when nothing has changed', async () => {
    const watch = client.watchDocument('doc');
    await world.pass();
    const before = watch.snapshot;
    const listener = vi.fn();
    watch.subscribe(listener);
    server.publish('doc', { revision: revision(1), progress: 10 });
    server.stream.event('heartbeat');
    server.stream.event('resumed');
    server.stream.event('recovered');
    server.stream.event('unknown', { document_id: 'doc' });
    await world.pass();
    expect(listener).not.toHaveBeenCalled();
    expect(watch.snapshot).toBe(before);
  });
});

describe('several documents', () => {
  it('come in the order they were asked for, also twice', async () => {
    const onChange = vi.fn();
    await world.pass();
    client.watchDocument('doc');
    await world.pass();
    const watch = client.watchDocuments(['doc', 'other', 'doc'], { onChange });
    expect(watch.snapshot.documents.map(({ id }) => id)).toEqual(['doc', 'other', 'doc']);
    await world.pass(0);
    expect(onChange).toHaveBeenCalledOnce();
    await world.pass(1000);
    expect(watch.snapshot.documents.map(({ state }) => state?.progress)).toEqual([10, undefined, 10]);
    expect(server.stream.documents).toEqual(['doc', 'other']);
  });
});

describe('for await', () => {
  it('gives the newest snapshot, each newer one, and ends', async () => {
    const seen = [];
    const reading = (async () => {
      for await (const { connection, state } of client.watchDocument('doc')) {
        seen.push([connection, state?.progress]);
      }
    })();
    await world.pass();
    server.publish('doc', { revision: revision(2), progress: 20 });
    await world.pass();
    complete();
    await world.pass();
    await reading;
    expect(seen).toEqual([['connecting', undefined], ['live', 10], ['live', 20], ['ended', 100]]);
  });

  it('skips to the newest when the loop is slow', async () => {
    const seen = [];
    const gates = [];
    const reading = (async () => {
      for await (const { state } of client.watchDocument('doc')) {
        seen.push(state?.progress);
        await new Promise((resolve) => gates.push(resolve));
      }
    })();
    await world.pass();
    for (let i = 2; i <= 9; i++) {
      server.publish('doc', { revision: revision(i), progress: i });
    }
    await world.pass();
    gates.shift()();
    await world.pass();
    complete(99);
    await world.pass();
    gates.shift()();
    await world.pass();
    gates.shift()();
    await reading;
    expect(seen).toEqual([undefined, 9, 100]);
  });

  it('closes the watch when the loop is left', async () => {
    const watch = client.watchDocument('doc');
    const reading = (async () => {
      for await (const { state } of watch) {
        if (state) {
          break;
        }
      }
    })();
    await world.pass();
    await reading;
    expect(watch.snapshot.connection).toBe('ended');
    await world.pass(30_000);
    expect(server.streams).toHaveLength(0);
  });

  it('ends when the watch is closed', async () => {
    const watch = client.watchDocument('doc');
    const reading = (async () => {
      for await (const _ of watch);
      return 'over';
    })();
    await world.pass();
    watch.close();
    expect(await reading).toBe('over');
  });
});

describe('a document that has ended', () => {
  const again = () => server.documents.set('doc', { ...server.documents.get('doc'), status: 'processing', progress: 1, revision: revision(1, first + 60_000), run: 2 });
  let old;

  beforeEach(async () => {
    old = client.watchDocument('doc');
    await world.pass();
    complete();
    await world.pass(5000);
    again();
  });

  it('and is started again is seen by a new watch, and by those that saw the end', async () => {
    const onCompleted = vi.fn();
    const watch = client.watchDocument('doc', { onCompleted });
    expect(watch.snapshot).toMatchObject({ connection: 'connecting', state: null });
    expect(old.snapshot).toMatchObject({ connection: 'ended', state: { progress: 100 } });
    await world.pass(1000);
    expect(watch.snapshot).toMatchObject({ connection: 'live', state: { progress: 1 } });
    expect(old.snapshot).toEqual(watch.snapshot);
    expect(onCompleted).not.toHaveBeenCalled();
    watch.close();
    await world.pass(25_000);
    expect(server.streams).toHaveLength(1);
    old.close();
    await world.pass(30_000);
    expect(server.streams).toHaveLength(0);
  });

  it('is asked for once by all that begin together', async () => {
    const watches = Array.from({ length: 50 }, () => client.watchDocument('doc'));
    await world.pass(1000);
    watches.forEach((watch) => expect(watch.snapshot.state.progress).toBe(1));
    expect(server.requests).toHaveLength(2);
  });

  it('is seen by a new watch also when another attempt comes over the old stream before there is a new one', async () => {
    client.watchDocument('other');
    await world.pass(1000);
    client.watchDocument('doc');
    await world.pass(1000);
    server.publish('doc', { revision: revision(9, first + 60_000), status: 'failed' });
    await world.pass(5000);
    const watch = client.watchDocument('doc');
    server.publish('doc', { revision: revision(1, first + 120_000), progress: 2 });
    await world.pass(1000);
    expect(watch.snapshot).toMatchObject({ connection: 'live', state: { progress: 2 } });
  });

  it('is not looked at anew by a watch that goes on from another one', async () => {
    const list = client.watchDocuments(['doc']);
    await world.pass(1000);
    complete(3);
    server.publish('doc', { revision: revision(2, first + 60_000), status: 'completed', progress: 100 });
    await world.pass(5000);
    const { length } = server.requests;
    list.close();
    expect(client.watchDocuments(['doc'], {}, list).snapshot).toMatchObject({ connection: 'ended', documents: [{ state: { progress: 100 } }] });
    await world.pass(1000);
    expect(server.requests).toHaveLength(length);
    expect(client.watchDocuments(['doc']).snapshot.connection).toBe('connecting');
  });

  it('is forgotten with its user', async () => {
    client.watchDocument('doc');
    client.setIdentity('bob');
    expect(old.snapshot).toMatchObject({ connection: 'connecting', state: null });
    await world.pass(1000);
    expect(old.snapshot).toMatchObject({ connection: 'live', state: { progress: 1 } });
  });
});

describe('a document that ends', () => {
  it('may be watched by what is shown because of that, without a request', async () => {
    const onCompleted = vi.fn();
    client.watchDocument('doc', { onCompleted: () => client.watchDocument('doc', { onCompleted }) });
    await world.pass();
    complete();
    await world.pass(1000);
    expect(onCompleted).toHaveBeenCalledOnce();
    expect(server.requests).toHaveLength(1);
  });

  it('is looked at anew at once when nobody watches it any more', async () => {
    const watch = client.watchDocument('doc');
    await world.pass();
    complete();
    await world.pass();
    watch.close();
    expect(client.watchDocument('doc').snapshot.state).toBeNull();
    await world.pass(1000);
    expect(server.streamRequests).toHaveLength(2);
  });
});

describe('ids', () => {
  it.each(['', '.', '..', 5, null, undefined])('%j is refused at once', (id) => {
    expect(() => client.watchDocument(id)).toThrow(TypeError);
    expect(() => client.watchBatch(id)).toThrow(TypeError);
  });

  it('that are no text of Unicode are refused at once', () => {
    expect(() => client.watchDocument('\ud800')).toThrow(URIError);
  });
});

describe('the page\'s client', () => {
  it('is made when it is first needed, and can be told where the server is', async () => {
    const { browser } = world.tab();
    configureProgress({ base: 'https://api.example/progress/', credentials: 'include', browser });
    const page = progressClient();
    watchDocument('doc');
    watchDocuments(['a']);
    watchBatch('b');
    await world.pass(1000);
    expect(server.streamRequests.map(({ path }) => path).sort()).toEqual(['/progress/batches/b/stream', '/progress/stream']);
    setIdentity('ada');
    await world.pass(1000);
    expect(server.streamRequests).toHaveLength(4);
    configureProgress({ browser });
    expect(server.streams).toHaveLength(0);
    expect(progressClient()).not.toBe(page);
    progressClient().close();
  });
});
