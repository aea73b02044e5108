import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createReader } from '../lib/sse.js';
import { readJson, readState } from '../lib/state.js';
import { World } from './support/world.js';

const FOLDER = join(import.meta.dirname, '../../../tests/wire');
const files = readdirSync(FOLDER);
const read = (name) => readFileSync(join(FOLDER, name), 'utf8');

/** @type {World} */
let world;
let tab;

beforeEach(() => {
  world = new World();
  tab = world.tab();
});

describe('states', () => {
  it.each(files.filter((name) => /^state\..*\.json$|\.shown\.json$/.test(name)))('%s are taken as they are', (name) => {
    const json = readJson(read(name));
    expect(readState(json, 'document_id', json.document_id)).toEqual(json);
  });
});

describe('aggregates', () => {
  it.each(files.filter((name) => /^batch\..*\.json$/.test(name) && !name.includes('.sse')))('%s are taken as they are', (name) => {
    const json = readJson(read(name));
    expect(readState(json, 'batch_id', json.batch_id)).toEqual(json);
  });
});

describe('messages of foreign publishers', () => {
  it.each(files.filter((name) => /^foreign\..*\.shown\.json$/.test(name)))('%s are shown', async (name) => {
    const watch = tab.client().watchDocument('abc-123');
    await world.pass();
    world.server.stream.write(`data: ${read(name).trim()}\n\n`);
    await world.pass();
    const shown = JSON.parse(read(name));
    expect(watch.snapshot).toMatchObject({ state: shown, connection: ['completed', 'failed'].includes(shown.status) ? 'ended' : 'live' });
  });
});

describe('streams', () => {
  const streams = files.filter((name) => name.endsWith('.sse'));

  it.each(streams)('%s, in pieces of any size', async (name) => {
    const expected = JSON.parse(read(`${name}.json`));
    for (const size of [1, 7, 64, 1e6]) {
      world = new World();
      tab = world.tab();
      const client = tab.client({ getToken: () => 'secret' });
      const watches = expected.map(({ id, kind }) => (kind === 'batch' ? client.watchBatch(id) : client.watchDocument(id)));
      await world.pass();
      const text = read(name);
      for (let i = 0; i < text.length; i += size) {
        world.server.stream?.write(text.slice(i, i + size));
      }
      await world.settle();
      watches.forEach((watch, i) => {
        const { kind, ...snapshot } = expected[i];
        expect(watch.snapshot).toEqual(snapshot);
      });
    }
  });

  it.each(streams)('%s has no event that is not known', (name) => {
    const seen = [];
    createReader((event, data) => seen.push([event, typeof readJson(data)]), () => {})(read(name));
    expect(seen.length).toBeGreaterThan(2);
    for (const [event, type] of seen) {
      expect(['message', 'heartbeat', 'stalled', 'resumed', 'degraded', 'recovered', 'batch', 'denied', 'bye', 'end']).toContain(event);
      expect(type).toBe('object');
    }
  });
});
