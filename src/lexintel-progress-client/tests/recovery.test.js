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

const times = (requests) => requests.map(({ at }) => at);
const gaps = (requests) => times(requests).slice(1).map((at, i) => at - times(requests)[i]);

describe('coming back', () => {
  it('asks only for what is newer', async () => {
    const watch = tab.client().watchDocument('doc');
    await world.pass();
    server.stop();
    server.isReachable = true;
    // The browser's own first return fails, so that the client opens another stream.
    server.streamStatus = 500;
    await world.pass(3000);
    server.streamStatus = 200;
    await world.pass(10_000);
    expect(watch.snapshot.connection).toBe('live');
    expect(server.streamRequests.at(-1).query.get('lastEventId')).toBe(revision(1));
  });

  it('is spread over a growing time, up to half a minute', async () => {
    server.streamStatus = 500;
    tab.random = 0.999;
    tab.client().watchDocument('doc');
    await world.pass(200_000);
    const longest = gaps(server.streamRequests);
    [2000, 4000, 8000, 16_000, 30_000, 30_000].forEach((expected, i) => expect(longest[i]).toBeCloseTo(expected, -3));
  });

  it('may be at once, when chance says so', async () => {
    server.streamStatus = 500;
    tab.random = 0;
    tab.client().watchDocument('doc');
    await world.pass(5);
    await world.pass(100);
    expect(server.streamRequests.length).toBeGreaterThan(2);
  });

  it('begins anew after a stream that lived', async () => {
    tab.random = 0.999;
    server.streamStatus = 500;
    tab.client().watchDocument('doc');
    await world.pass(60_000);
    server.streamStatus = 200;
    await world.pass(31_000);
    for (let i = 0; i < 3; i++) {
      await world.pass(10_000);
      server.stream.event('heartbeat');
    }
    await world.pass(0);
    server.streamStatus = 500;
    const { length } = server.streamRequests;
    server.stream.end();
    await world.pass(8000);
    const after = server.streamRequests.slice(length);
    expect(gaps(after)[0]).toBeLessThan(2100);
  });

  it('does not move backwards, whatever an older server says', async () => {
    const watch = tab.client().watchDocument('doc');
    const progress = [];
    watch.subscribe(({ state }) => progress.push(state?.progress));
    await world.pass();
    server.publish('doc', { revision: revision(9), progress: 90 });
    await world.pass();
    server.documents.set('doc', { ...server.documents.get('doc'), revision: revision(5), progress: 50 });
    server.stream.end();
    await world.pass(10_000);
    server.streamStatus = 500;
    server.stream.end();
    await world.pass(10_000);
    expect(watch.snapshot.state.progress).toBe(90);
    expect(progress.filter((value) => value < 90)).toEqual([10]);
  });

  it('keeps the steps of an attempt when a state comes without them', async () => {
    const steps = [{ name: 'extraction', status: 'completed', started: '2026-01-03T10:30:45.123Z', seconds: 3 }];
    const watch = tab.client().watchDocument('doc');
    await world.pass();
    server.publish('doc', { revision: revision(2), progress: 20, steps });
    server.publish('doc', { revision: revision(3), progress: 30 });
    await world.pass();
    expect(watch.snapshot.state).toMatchObject({ progress: 30, steps });
    server.publish('doc', { revision: revision(1, 1_764_000_009_000), progress: 1 });
    await world.pass();
    expect(watch.snapshot.state).not.toHaveProperty('steps');
  });
});

describe('asking', () => {
  beforeEach(() => {
    server.streamStatus = 500;
    // No stream in between.
    tab.random = 0.9;
  });

  it('waits for news where the server understands that', async () => {
    server.knowsWait = true;
    const watch = tab.client().watchDocument('doc');
    await world.pass(10_000);
    const waiting = server.statusRequests.at(-1);
    expect(waiting.at).toBeLessThan(world.clock.now - 8000);
    expect(waiting.query.get('wait')).toBe('20');
    expect(waiting.headers['If-None-Match']).toBe(`"${revision(1)}"`);
    server.publish('doc', { revision: revision(2), progress: 20 });
    await world.pass(10);
    expect(watch.snapshot.state.progress).toBe(20);
  });

  it('does not wait where only that is refused', async () => {
    const handle = server.handle.bind(server);
    server.handle = (request) => (request.url.includes('wait=') ? { status: 429, headers: { 'Retry-After': '3' } } : handle(request));
    server.streamStatus = 200;
    server.turnsAway = 'too-many-streams';
    const watch = tab.client().watchDocument('doc');
    await world.pass(5000);
    server.publish('doc', { revision: revision(2), progress: 20 });
    await world.pass(5000);
    expect(watch.snapshot).toMatchObject({ connection: 'polling', state: { progress: 20 } });
  });

  it('asks every few seconds where it does not', async () => {
    tab.client({ pollInterval: 2000 }).watchDocument('doc');
    await world.pass(9000);
    expect(gaps(server.statusRequests).slice(1)).toEqual([2000, 2000, 2000]);
  });

  it('asks sooner while something happens', async () => {
    tab.client().watchDocument('doc');
    await world.pass(2900);
    server.publish('doc', { revision: revision(2) });
    await world.pass(7000);
    expect(gaps(server.statusRequests)).toEqual([1000, 3000, 1000, 3000]);
  });

  it('does not wait for one of many', async () => {
    server.knowsWait = true;
    for (let i = 0; i < 20; i++) {
      server.publish(`doc-${i}`, { revision: revision(1) });
    }
    tab.client().watchDocuments(Array.from({ length: 20 }, (_, i) => `doc-${i}`));
    await world.pass(7000);
    expect(server.statusRequests.length).toBeGreaterThanOrEqual(60);
    expect(server.statusRequests.every(({ query }) => !query.has('wait'))).toBe(true);
  });

  it('gives up on an answer that does not come', async () => {
    const watch = tab.client().watchDocument('doc');
    await world.pass();
    server.answer = () => new Promise(() => {});
    await world.pass(32_000);
    expect(watch.snapshot.connection).toBe('connecting');
    server.answer = () => undefined;
    await world.pass(45_000);
    expect(watch.snapshot.connection).toBe('polling');
  });

  it.each([429, 503])('stays away as long as %i asks for, with streams as well', async (status) => {
    server.answer = () => ({ status, headers: { 'Retry-After': '45' } });
    const watch = tab.client().watchDocument('doc');
    await world.pass(1000);
    const { length } = server.requests;
    await world.pass(43_500);
    expect(server.streamRequests.length - 1).toBeLessThanOrEqual(1);
    expect(server.statusRequests).toHaveLength(1);
    expect(server.requests.length - length).toBeLessThanOrEqual(1);
    expect(watch.snapshot.connection).toBe('connecting');
    server.answer = () => undefined;
    await world.pass(40_000);
    expect(watch.snapshot.connection).toBe('polling');
  });

  it.each([429, 503])('asks for no others when one answer of many is %i', async (status) => {
    server.answer = () => ({ status, headers: { 'Retry-After': '45' } });
    tab.client().watchDocuments(Array.from({ length: 20 }, (_, i) => `doc-${i}`));
    await world.pass(40_000);
    // So many are asked at once.
    expect(server.statusRequests).toHaveLength(4);
  });

  it('comes to all documents also when one of them is always refused for the moment', async () => {
    server.answer = (id) => (id === 'doc-0' ? { status: 503, headers: { 'Retry-After': '5' } } : undefined);
    const watch = tab.client().watchDocuments(Array.from({ length: 20 }, (_, i) => `doc-${i}`));
    await world.pass(60_000);
    const [first, ...others] = watch.snapshot.documents.map(({ connection }) => connection);
    expect(first).toBe('connecting');
    expect(others).toEqual(others.map(() => 'polling'));
  });

  it('understands a date in Retry-After, and not one for ever', async () => {
    server.answer = () => ({ status: 503, headers: { 'Retry-After': new Date(world.clock.now + 20_000).toUTCString() } });
    tab.client().watchDocument('doc');
    await world.pass(18_000);
    expect(server.statusRequests).toHaveLength(1);
    server.answer = () => ({ status: 503, headers: { 'Retry-After': '99999999' } });
    await world.pass(60_000);
    server.answer = () => undefined;
    await world.pass(301_000);
    expect(server.statusRequests.length).toBeGreaterThan(2);
  });

  it('takes a record of the database for what it is', async () => {
    const watch = tab.client().watchDocument('doc');
    await world.pass();
    const record = (fields) => ({ status: 200, headers: { 'X-Progress-Source': 'database' }, body: { document_id: 'doc', status: 'processing', progress: 0, timestamp: new Date(world.clock.now).toISOString(), ...fields } });
    server.answer = () => record({});
    await world.pass(4000);
    expect(watch.snapshot.state.progress).toBe(10);
    server.answer = () => record({ status: 'completed', progress: 100 });
    await world.pass(4000);
    expect(watch.snapshot).toMatchObject({ connection: 'ended', state: { status: 'completed' } });
  });
});

describe('a clock that is set back', () => {
  it('delays nothing', async () => {
    const client = tab.client();
    const watch = client.watchDocument('doc');
    await world.pass();
    tab.skew = -3_600_000;
    const other = client.watchDocument('other');
    await world.pass(1000);
    expect(other.snapshot.connection).toBe('live');
    const { length } = server.requests;
    await world.pass(40_000);
    // Silence was noticed.
    expect(server.requests.length).toBeGreaterThan(length);
    server.streamStatus = 500;
    server.stream.end();
    await world.pass(5000);
    tab.skew *= 2;
    server.publish('doc', { revision: revision(2), progress: 20 });
    await world.pass(10_000);
    expect(watch.snapshot).toMatchObject({ connection: 'polling', state: { progress: 20 } });
  });

  it('does not change how long the server asks to stay away', async () => {
    server.streamStatus = 500;
    const client = tab.client();
    client.watchDocument('doc');
    await world.pass();
    tab.skew = -3_600_000;
    server.answer = () => ({ status: 503, headers: { 'Retry-After': new Date(world.clock.now + tab.skew + 45_000).toUTCString() } });
    await world.pass(10_000);
    const { length } = server.requests;
    await world.pass(25_000);
    expect(server.requests).toHaveLength(length);
    server.answer = () => undefined;
    await world.pass(30_000);
    expect(server.requests.length).toBeGreaterThan(length);
  });
});

describe('a hidden tab', () => {
  it('streams for a while, then asks now and then, and streams again when it is shown', async () => {
    const watch = tab.client().watchDocument('doc');
    await world.pass();
    tab.hide();
    await world.pass(40_000);
    expect(server.streams).toHaveLength(1);
    await world.pass(40_000);
    expect(server.streams).toHaveLength(0);
    expect(watch.snapshot.connection).toBe('polling');
    const { length } = server.statusRequests;
    await world.pass(120_000);
    expect(server.statusRequests.length - length).toBe(4);
    tab.show();
    await world.pass(1000);
    expect(watch.snapshot.connection).toBe('live');
  });

  it('notices the end', async () => {
    const onCompleted = vi.fn();
    tab.client().watchDocument('doc', { onCompleted });
    await world.pass();
    tab.hide();
    await world.pass(120_000);
    server.publish('doc', { revision: revision(2), status: 'completed', progress: 100 });
    await world.pass(31_000);
    expect(onCompleted).toHaveBeenCalledOnce();
  });

  it('streams for ever when told so', async () => {
    const watch = tab.client({ pauseAfter: Infinity }).watchDocument('doc');
    await world.pass();
    tab.hide();
    for (let i = 0; i < 40; i++) {
      await world.pass(15_000);
      server.stream.event('heartbeat');
    }
    expect(watch.snapshot.connection).toBe('live');
  });
});

describe('a page', () => {
  it('that was frozen is up to date when it thaws', async () => {
    const watch = tab.client().watchDocument('doc');
    await world.pass();
    tab.document.dispatchEvent(new Event('freeze'));
    await world.pass(0);
    expect(server.streams).toHaveLength(0);
    server.publish('doc', { revision: revision(9), progress: 90 });
    world.clock.sleep(600_000);
    tab.document.dispatchEvent(new Event('resume'));
    await world.pass(1000);
    expect(watch.snapshot).toMatchObject({ connection: 'live', state: { progress: 90 } });
  });

  it('that comes out of the cache of pages streams again', async () => {
    const watch = tab.client().watchDocument('doc');
    await world.pass();
    tab.window.dispatchEvent(new Event('pagehide'));
    await world.pass(60_000);
    expect(server.streams).toHaveLength(0);
    tab.window.dispatchEvent(new Event('pageshow'));
    await world.pass(1000);
    expect(watch.snapshot.connection).toBe('live');
  });

  it('holds nothing when nobody has watched for a while', async () => {
    const client = tab.client();
    client.watchDocument('doc').close();
    await world.pass(20_000);
    expect(server.streams).toHaveLength(0);
    const { length } = server.requests;
    await world.pass(600_000);
    expect(server.requests).toHaveLength(length);
    const watch = client.watchDocument('doc');
    await world.pass();
    expect(watch.snapshot.connection).toBe('live');
  });
});
