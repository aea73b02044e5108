import { beforeEach, describe, expect, it } from 'vitest';
import { first, revision, World } from './support/world.js';

/** @type {World} */
let world;
let server;
let tab;
let watch;
let seen;

const open = (id = 'doc', options = {}) => {
  watch = tab.client(options).watchDocument(id, { onChange: ({ connection }) => seen.at(-1) === connection || seen.push(connection) });
};
const connection = () => watch.snapshot.connection;

beforeEach(() => {
  world = new World();
  ({ server } = world);
  tab = world.tab();
  seen = [];
});

describe('connecting', () => {
  it('is where a watch begins, without a state', () => {
    open();
    expect(watch.snapshot).toEqual({ id: 'doc', connection: 'connecting', state: null, stalledSince: null, error: null });
  });

  it('becomes live with the first event', async () => {
    server.publish('doc', { revision: revision(3), progress: 30 });
    open();
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'live', state: { progress: 30, revision: revision(3) } });
    expect(server.streamRequests[0].path).toBe('/progress/documents/doc/stream');
    expect(server.statusRequests).toHaveLength(0);
  });

  it('becomes live with "connected", which is no state', async () => {
    open();
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'live', state: null });
  });

  it('becomes polling when the stream says nothing', async () => {
    server.isBuffering = true;
    server.publish('doc', { revision: revision(1), progress: 10 });
    open();
    await world.pass(2900);
    expect(connection()).toBe('connecting');
    await world.pass(300);
    expect(watch.snapshot).toMatchObject({ connection: 'polling', state: { progress: 10 } });
  });

  it('becomes ended when the server refuses', async () => {
    server.streamStatus = 403;
    server.answer = () => ({ status: 403, body: { detail: 'Not yours.' } });
    open();
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'ended', state: null, error: { status: 403, detail: 'Not yours.' } });
  });

  it('becomes polling, never live, while the server turns streams away for the moment', async () => {
    server.turnsAway = 'too-many-streams';
    server.publish('doc', { revision: revision(1), progress: 10 });
    open();
    await world.pass(20_000);
    expect(seen).toEqual(['polling']);
    // The browser comes back when the server said, and in the same EventSource.
    expect(tab.sources).toHaveLength(1);
    expect(server.streamRequests.length).toBeGreaterThan(5);
    server.turnsAway = undefined;
    await world.pass(2100);
    expect(connection()).toBe('live');
  });

  it('stays while nothing is reached', async () => {
    server.isReachable = false;
    open();
    await world.pass(10_000);
    expect(connection()).toBe('connecting');
    expect(server.streamRequests.length).toBeGreaterThan(1);
  });
});

describe('live', () => {
  beforeEach(async () => {
    server.publish('doc', { revision: revision(1), progress: 10 });
    open();
    await world.pass();
    seen = [];
  });

  it('shows each newer state', async () => {
    server.publish('doc', { revision: revision(2), progress: 20 });
    await world.pass();
    expect(watch.snapshot.state.progress).toBe(20);
  });

  it('becomes ended with the terminal state, and closes the stream', async () => {
    server.publish('doc', { revision: revision(2), progress: 100, status: 'completed' });
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'ended', state: { status: 'completed' } });
    expect(server.streams).toHaveLength(0);
    await world.pass(120_000);
    expect(server.requests).toHaveLength(1);
  });

  it('stays live on heartbeats', async () => {
    for (let i = 0; i < 10; i++) {
      await world.pass(15_000);
      server.stream.event('heartbeat');
    }
    await world.pass();
    expect(connection()).toBe('live');
    expect(server.requests).toHaveLength(1);
  });

  it('becomes polling after two silent heartbeats, and opens another stream', async () => {
    await world.pass(30_000);
    expect(connection()).toBe('live');
    await world.pass(6500);
    expect(seen).toEqual(['connecting', 'polling', 'live']);
    expect(server.streams).toHaveLength(1);
  });

  it('becomes polling when the stream breaks, and live again by itself after the time the server asked for', async () => {
    server.retry = 2500;
    server.stream.write('retry: 2500\n\n');
    await world.pass(0);
    server.stream.end();
    await world.pass(1500);
    expect(connection()).toBe('polling');
    await world.pass(1200);
    expect(seen).toEqual(['connecting', 'polling', 'live']);
    expect(tab.sources).toHaveLength(1);
  });

  it('stays away for as long as the server may ask for', async () => {
    server.stream.write('retry: 59000\n\n');
    await world.pass(0);
    server.stream.end();
    await world.pass(58_900);
    expect(server.streamRequests).toHaveLength(1);
    await world.pass(200);
    expect(connection()).toBe('live');
    expect(tab.sources).toHaveLength(1);
  });

  it('opens another stream when the browser does not come back', async () => {
    server.stream.end();
    server.isBuffering = true;
    await world.pass(97_000);
    expect(tab.sources.length).toBeGreaterThan(1);
  });

  it('becomes polling while only the stream is refused, and live when it is not any more', async () => {
    server.streamStatus = 500;
    server.stream.end();
    await world.pass(60_000);
    expect(connection()).toBe('polling');
    server.streamStatus = 200;
    server.documents.get('doc').revision = revision(2);
    await world.pass(31_000);
    expect(watch.snapshot).toMatchObject({ connection: 'live', state: { revision: revision(2) } });
  });

  it('becomes connecting while nothing is reached, and live when the server is back', async () => {
    server.stop();
    await world.pass(30_000);
    expect(connection()).toBe('connecting');
    server.isReachable = true;
    await world.pass(31_000);
    expect(connection()).toBe('live');
  });

  it('becomes stalled and resumes, also when the event does not name its document', async () => {
    server.stream.event('stalled', { since: '2026-01-03T10:30:45.123Z' });
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'stalled', stalledSince: '2026-01-03T10:30:45.123Z' });
    server.stream.event('resumed', { document_id: 'doc' });
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'live', stalledSince: null });
  });

  it('becomes degraded and recovers', async () => {
    server.stream.event('degraded', { since: '2026-01-03T10:30:45.123Z', reason: 'unreachable' });
    await world.pass();
    expect(connection()).toBe('degraded');
    server.stream.event('recovered');
    await world.pass();
    expect(connection()).toBe('live');
  });

  it('becomes ended when access is withdrawn', async () => {
    server.stream.event('denied', { document_id: 'doc', status: 401 });
    await world.pass();
    expect(watch.snapshot).toMatchObject({ connection: 'ended', error: { status: 401 } });
    expect(server.streams).toHaveLength(0);
  });

  it('becomes offline at once, and live at once when the network is back', async () => {
    tab.disconnect();
    await world.pass(0);
    expect(connection()).toBe('offline');
    await world.pass(60_000);
    expect(connection()).toBe('offline');
    server.documents.get('doc').revision = revision(7);
    tab.connect();
    await world.pass(50);
    expect(watch.snapshot).toMatchObject({ connection: 'live', state: { revision: revision(7) } });
  });

  it('looks at once after the machine slept', async () => {
    world.clock.sleep(3_600_000);
    await world.pass(7000);
    expect(seen).toEqual(['connecting', 'polling', 'live']);
    expect(tab.sources).toHaveLength(2);
  });
});

describe('polling', () => {
  beforeEach(async () => {
    server.streamStatus = 500;
    server.publish('doc', { revision: revision(1), progress: 10 });
    open();
    await world.pass();
    expect(connection()).toBe('polling');
  });

  it('shows newer states', async () => {
    server.publish('doc', { revision: revision(2), progress: 20 });
    await world.pass(3000);
    expect(watch.snapshot.state.progress).toBe(20);
  });

  it('becomes ended with the terminal state, and asks no more', async () => {
    server.publish('doc', { revision: revision(2), progress: 40, status: 'failed', error_message: 'Damaged.' });
    await world.pass(3000);
    expect(watch.snapshot).toMatchObject({ connection: 'ended', state: { error_message: 'Damaged.' } });
    const { length } = server.requests;
    await world.pass(120_000);
    expect(server.requests).toHaveLength(length);
  });

  it('becomes stalled and resumes by what the status says', async () => {
    server.publish('doc', { revision: revision(1), progress: 10, stalled_since: '2026-01-03T10:30:45.123Z' });
    server.answer = () => ({ status: 200, body: server.documents.get('doc') });
    await world.pass(3000);
    expect(watch.snapshot).toMatchObject({ connection: 'stalled', stalledSince: '2026-01-03T10:30:45.123Z' });
    server.publish('doc', { revision: revision(2), progress: 11 });
    await world.pass(3000);
    expect(watch.snapshot).toMatchObject({ connection: 'polling', stalledSince: null });
  });

  it('does not keep what a stream had observed', async () => {
    server.streamStatus = 200;
    await world.pass(5000);
    expect(connection()).toBe('live');
    server.stream.event('stalled', { document_id: 'doc', since: '2026-01-03T10:30:45.123Z' });
    await world.pass();
    server.streamStatus = 500;
    server.stream.end();
    await world.pass(3000);
    expect(watch.snapshot).toMatchObject({ connection: 'polling', stalledSince: null });
  });

  it.each([400, 401, 403, 404])('becomes ended with %i, for good', async (status) => {
    server.answer = () => ({ status });
    await world.pass(4000);
    expect(watch.snapshot).toMatchObject({ connection: 'ended', error: { status, detail: null } });
    const { length } = server.requests;
    await world.pass(120_000);
    expect(server.requests).toHaveLength(length);
  });

  it('becomes connecting when the status fails too, and polling again', async () => {
    server.answer = () => ({ status: 500 });
    await world.pass(4000);
    expect(connection()).toBe('connecting');
    server.answer = () => undefined;
    await world.pass(31_000);
    expect(connection()).toBe('polling');
  });

  it('does not take a page of a proxy for a status', async () => {
    server.answer = () => ({ status: 200, body: '<html>Sign in to the network</html>' });
    await world.pass(4000);
    expect(connection()).toBe('connecting');
  });
});

describe('ended', () => {
  it('takes a newer attempt that comes over a stream others keep open', async () => {
    const client = tab.client();
    const both = client.watchDocuments(['a', 'b']);
    server.publish('a', { revision: revision(1), status: 'failed', progress: 10 });
    await world.pass();
    expect(both.snapshot.documents.map((one) => one.connection)).toEqual(['ended', 'live']);
    server.publish('a', { revision: revision(1, first + 1000), run: 2, progress: 0 });
    await world.pass();
    expect(both.snapshot.documents.map((one) => one.connection)).toEqual(['live', 'live']);
  });
});
