import { beforeEach, describe, expect, it, vi } from 'vitest';
import { first, revision, World } from './support/world.js';

const IDS = Array.from({ length: 20 }, (_, i) => `doc-${i}`);
/** @type {World} */
let world;
let server;

beforeEach(() => {
  world = new World({ share: true });
  ({ server } = world);
  IDS.forEach((id) => server.publish(id, { revision: revision(1), progress: 1 }));
});

/** Opens tabs one after the other that all watch the documents. */
async function openTabs(count, options, ids = IDS) {
  const tabs = [];
  for (let i = 0; i < count; i++) {
    const tab = world.tab();
    tab.completed = vi.fn();
    tab.watch = tab.client(options).watchDocuments(ids, { onCompleted: tab.completed });
    tabs.push(tab);
    await world.pass(50);
  }
  await world.pass(1000);
  return tabs;
}

const progressOf = (tab) => tab.watch.snapshot.documents.map(({ state }) => state?.progress);
const leaderOf = (tabs) => tabs.filter((tab) => !tab.isFrozen && tab.streams.length > 0);

describe('tabs of one user', () => {
  it('use one connection for twenty documents in seven tabs', async () => {
    const tabs = await openTabs(7);
    expect(server.mostStreams).toBe(1);
    expect(server.requests).toHaveLength(1);
    IDS.forEach((id, i) => server.publish(id, { revision: revision(2), progress: i }));
    await world.pass();
    for (const tab of tabs) {
      expect(tab.watch.snapshot.connection).toBe('live');
      expect(progressOf(tab)).toEqual(IDS.map((_, i) => i));
    }
  });

  it('share what each of them wants', async () => {
    const one = world.tab();
    const other = world.tab();
    const a = one.client().watchDocument('doc-1');
    await world.pass(1000);
    const b = other.client().watchDocument('doc-2');
    await world.pass(1000);
    server.publish('doc-2', { revision: revision(5), progress: 55 });
    await world.pass();
    expect(server.streams).toHaveLength(1);
    expect(server.stream.documents).toEqual(['doc-1', 'doc-2']);
    expect([a.snapshot.connection, b.snapshot.connection, b.snapshot.state.progress]).toEqual(['live', 'live', 55]);
  });

  it('each hear of the end once', async () => {
    const tabs = await openTabs(3, {}, ['doc-1']);
    server.publish('doc-1', { revision: revision(9), status: 'completed', progress: 100 });
    await world.pass(60_000);
    tabs.forEach((tab) => expect(tab.completed).toHaveBeenCalledOnce());
    expect(server.streams).toHaveLength(0);
  });

  it('tell a tab that comes late what is known, without a request', async () => {
    await openTabs(1, {}, ['doc-1']);
    const late = world.tab();
    const watch = late.client().watchDocument('doc-1');
    await world.pass(50);
    expect(watch.snapshot).toMatchObject({ connection: 'live', state: { progress: 1 } });
    await world.pass(1000);
    expect(server.requests).toHaveLength(1);
  });

  it('see what happens to the connection', async () => {
    const tabs = await openTabs(3);
    server.stream.event('stalled', { document_id: 'doc-3', since: '2026-01-03T10:30:45.123Z' });
    await world.pass();
    tabs.forEach((tab) => expect(tab.watch.snapshot.documents[3]).toMatchObject({ connection: 'stalled', stalledSince: '2026-01-03T10:30:45.123Z' }));
    server.streamStatus = 500;
    server.stream.end();
    await world.pass(5000);
    tabs.forEach((tab) => expect(tab.watch.snapshot.connection).toBe('polling'));
  });

  it('ask once for all of them when there is no stream', async () => {
    server.streamStatus = 500;
    await openTabs(7, {}, ['doc-1']);
    await world.pass(10_000);
    expect(server.statusRequests.length).toBeLessThan(7);
  });

  it.each(['close', 'kill'])('follow another one when the leading one is gone (%s)', async (way) => {
    const tabs = await openTabs(3);
    expect(leaderOf(tabs)).toEqual([tabs[0]]);
    tabs[0][way]();
    IDS.forEach((id) => server.publish(id, { revision: revision(4), progress: 44 }));
    await world.pass(2000);
    expect(leaderOf(tabs)).toHaveLength(1);
    expect(server.mostStreams).toBe(1);
    for (const tab of tabs.slice(1)) {
      expect(tab.watch.snapshot.connection).toBe('live');
      expect(progressOf(tab)).toEqual(IDS.map(() => 44));
    }
  });

  it('follow another one when the leading one watches nothing any more', async () => {
    const tabs = await openTabs(2, {}, ['doc-1']);
    const documents = await openTabs(1, {}, ['doc-2']);
    tabs[0].watch.close();
    tabs[1].watch.close();
    await world.pass(30_000);
    server.publish('doc-2', { revision: revision(4), progress: 44 });
    await world.pass(1000);
    expect(progressOf(documents[0])).toEqual([44]);
    expect(server.stream.request.path).toBe('/progress/documents/doc-2/stream');
  });

  it('let go of what a tab wanted that is gone without a word', async () => {
    const [one] = await openTabs(1, {}, ['doc-1']);
    const [other] = await openTabs(1, {}, ['doc-2']);
    other.kill();
    for (let i = 0; i < 8; i++) {
      await world.pass(14_000);
      server.stream.event('heartbeat');
    }
    expect(server.stream.request.path).toBe('/progress/documents/doc-1/stream');
    expect(one.watch.snapshot.connection).toBe('live');
  });

  it('take over from a leading one that hangs', async () => {
    const tabs = await openTabs(3);
    tabs[0].isFrozen = true;
    tabs[0].streams.forEach((stream) => stream.closed());
    await world.pass(60_000);
    server.publish('doc-1', { revision: revision(4), progress: 44 });
    await world.pass(1000);
    expect(progressOf(tabs[1])[1]).toBe(44);
    expect(progressOf(tabs[2])[1]).toBe(44);
    expect(server.streams).toHaveLength(1);
    // It comes to itself, and follows.
    tabs[0].isFrozen = false;
    await world.pass(1000);
    expect(server.streams).toHaveLength(1);
  });

  it('do not fight when the machine wakes up', async () => {
    const tabs = await openTabs(3);
    const [leader] = leaderOf(tabs);
    world.clock.sleep(3_600_000);
    await world.pass(10_000);
    expect(leaderOf(tabs)).toEqual([leader]);
    expect(server.streams).toHaveLength(1);
    tabs.forEach((tab) => expect(tab.watch.snapshot.connection).toBe('live'));
  });

  it('stream while one of them is looked at', async () => {
    const tabs = await openTabs(2, {}, ['doc-1']);
    tabs[0].hide();
    for (let i = 0; i < 10; i++) {
      await world.pass(14_000);
      server.stream.event('heartbeat');
    }
    expect(tabs[1].watch.snapshot.connection).toBe('live');
    tabs[1].hide();
    await world.pass(100_000);
    expect(server.streams).toHaveLength(0);
    tabs[1].show();
    await world.pass(2000);
    expect(tabs[1].watch.snapshot.connection).toBe('live');
    expect(server.streams).toHaveLength(1);
  });

  it('look again at what failed when one of them asks', async () => {
    const tabs = await openTabs(2, {}, ['doc-1']);
    server.publish('doc-1', { revision: revision(5), status: 'failed', error_message: 'Damaged.' });
    await world.pass(1000);
    server.documents.set('doc-1', { ...server.documents.get('doc-1'), status: 'processing', revision: revision(1, 1_764_000_900_000) });
    const again = tabs[1].ownClient.watchDocument('doc-1');
    await world.pass(2000);
    expect(again.snapshot).toMatchObject({ connection: 'live', state: { status: 'processing' } });
  });

  it.each([
    ['was refused', () => (server.answer = () => ({ status: 401 }))],
    ['failed', () => server.publish('doc-1', { revision: revision(5), status: 'failed' })],
    ['was completed', () => server.publish('doc-1', { revision: revision(5), status: 'completed', progress: 100 })],
  ])('look again at what %s when another one is opened', async (_, end) => {
    server.streamStatus = 500;
    const [old] = await openTabs(1, {}, ['doc-1']);
    end();
    await world.pass(5000);
    expect(old.watch.snapshot.connection).toBe('ended');
    server.streamStatus = 200;
    server.answer = () => undefined;
    server.publish('doc-1', { revision: revision(1, first + 60_000), progress: 7 });
    const fresh = world.tab();
    const ended = vi.fn();
    const watch = fresh.client().watchDocument('doc-1', { onCompleted: ended, onFailed: ended, onRefused: ended });
    await world.pass(2000);
    [watch.snapshot, old.watch.snapshot.documents[0]].forEach((snapshot) => expect(snapshot).toMatchObject({ connection: 'live', error: null, state: { progress: 7 } }));
    expect(ended).not.toHaveBeenCalled();
    const { length } = server.requests;
    await world.pass(25_000);
    expect(server.requests).toHaveLength(length);
  });

  it('look once at what has ended when many are opened', async () => {
    await openTabs(1);
    IDS.forEach((id) => server.publish(id, { revision: revision(5), status: 'completed', progress: 100 }));
    await world.pass(5000);
    const { length } = server.requests;
    const tabs = Array.from({ length: 5 }, () => world.tab());
    const watches = tabs.map((tab) => tab.client().watchDocuments(IDS));
    await world.pass(60_000);
    expect(server.requests.length - length).toBe(1);
    watches.forEach((watch) => expect(watch.snapshot.connection).toBe('ended'));
  });
});

describe('tabs', () => {
  it('of different users do not share', async () => {
    const [one] = await openTabs(1, { identity: 'ada' }, ['doc-1']);
    const [other] = await openTabs(1, { identity: 'bob' }, ['doc-1']);
    expect(server.streams).toHaveLength(2);
    expect([one, other].map((tab) => tab.watch.snapshot.connection)).toEqual(['live', 'live']);
  });

  it('with tokens share when it is said whose they are', async () => {
    await openTabs(2, { getToken: () => 'x' }, ['doc-1']);
    expect(server.streams).toHaveLength(2);
    await openTabs(2, { getToken: () => 'x', identity: 'ada' }, ['doc-1']);
    expect(server.streams).toHaveLength(3);
  });

  it.each([
    ['there are no locks', () => (world.hasLocks = false)],
    ['there are no channels', () => (world.hasChannels = false)],
    ['locks are refused', () => (world.locks.forTab = () => ({ request: () => Promise.reject(new DOMException('no', 'SecurityError')) }))],
    ['channels are refused', () => (world.createChannel = () => class { constructor() { throw new DOMException('no', 'SecurityError'); } })],
  ])('have one each where %s', async (_, prepare) => {
    prepare();
    const tabs = await openTabs(2);
    expect(server.streams).toHaveLength(2);
    tabs.forEach((tab) => expect(tab.watch.snapshot.connection).toBe('live'));
  });

  it('have one each when they are told not to share', async () => {
    await openTabs(2, { share: false });
    expect(server.streams).toHaveLength(2);
  });
});

describe('a change of the user', () => {
  it('drops the connection and everything known at once', async () => {
    const [tab] = await openTabs(1, { identity: 'ada' }, ['doc-1']);
    const [old] = server.streams;
    server.answer = () => ({ status: 403 });
    server.streamStatus = 403;
    tab.ownClient.setIdentity('bob');
    expect(old.isOpen).toBe(false);
    expect(tab.watch.snapshot.documents[0]).toMatchObject({ state: null, connection: 'connecting' });
    await world.pass(2000);
    expect(tab.watch.snapshot.documents[0]).toMatchObject({ state: null, connection: 'ended', error: { status: 403 } });
  });

  it('in a following tab drops the connection that is shared', async () => {
    const tabs = await openTabs(2, { identity: 'ada' }, ['doc-1']);
    const [old] = server.streams;
    tabs[1].ownClient.setIdentity('bob');
    await world.settle();
    expect(old.isOpen).toBe(false);
    await world.pass(2000);
    // Ada's other tab asked anew, and the server still accepts her.
    expect(server.streams).toHaveLength(2);
    tabs.forEach((tab) => expect(tab.watch.snapshot.connection).toBe('live'));
  });

  it('does not ask for what the old user\'s other tabs wanted', async () => {
    const [leader] = await openTabs(1, { identity: 'ada' }, ['doc-1']);
    await openTabs(1, { identity: 'ada' }, ['doc-2']);
    leader.ownClient.setIdentity('bob');
    await world.pass(2000);
    expect(server.streams.map(({ request }) => request.path).sort()).toEqual(['/progress/documents/doc-1/stream', '/progress/documents/doc-2/stream']);
  });

  it('to the same one changes nothing', async () => {
    const [tab] = await openTabs(1, { identity: 'ada' }, ['doc-1']);
    tab.ownClient.setIdentity('ada');
    await world.pass(2000);
    expect(server.streamRequests).toHaveLength(1);
  });

  it('to none drops everything, also where nobody had said who it was', async () => {
    const [tab] = await openTabs(1, {}, ['doc-1']);
    const [old] = server.streams;
    tab.ownClient.setIdentity(undefined);
    expect(old.isOpen).toBe(false);
    expect(tab.watch.snapshot.documents[0].state).toBeNull();
    await world.pass(2000);
    tab.ownClient.setIdentity(undefined);
    await world.pass(2000);
    expect(server.streamRequests).toHaveLength(2);
  });

  it('takes an answer of the old one for nothing', async () => {
    server.streamStatus = 500;
    let answer;
    server.answer = () => new Promise((resolve) => (answer = resolve));
    const [tab] = await openTabs(1, { identity: 'ada' }, ['doc-1']);
    const late = answer;
    server.answer = () => ({ status: 401 });
    tab.ownClient.setIdentity(undefined);
    late({ status: 200, body: { document_id: 'doc-1', status: 'processing', progress: 77 } });
    await world.pass(2000);
    expect(tab.watch.snapshot.documents[0]).toMatchObject({ state: null, error: { status: 401 } });
  });
});
