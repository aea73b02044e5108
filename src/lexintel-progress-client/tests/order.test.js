import { describe, expect, it } from 'vitest';
import { isNewer, readJson, readState } from '../lib/state.js';

const at = (seconds) => new Date(1_764_000_000_000 + seconds * 1000).toISOString();
const stored = (revision, fields) => ({ revision, status: 'processing', progress: 50, timestamp: at(10), ...fields });
const plain = (seconds, fields) => ({ status: 'processing', progress: 50, timestamp: at(seconds), ...fields });

describe('isNewer', () => {
  it.each([
    ['anything over nothing', plain(0), null, true],
    ['a higher number of the same attempt', stored('5-10'), stored('5-9'), true],
    ['an equal revision', stored('5-10'), stored('5-10'), false],
    ['a lower number', stored('5-9'), stored('5-10'), false],
    ['a newer attempt with a lower number', stored('6-1'), stored('5-900'), true],
    ['an older attempt, even when it has ended', stored('5-900', { status: 'completed' }), stored('6-1'), false],
    ['revisions as numbers, not as text', stored('1764000000000-10'), stored('1764000000000-9'), true],
    ['a stored state over one without revision', stored('5-1'), plain(20), true],
    ['a stored state over an earlier end without revision', stored('5-1', { timestamp: at(30) }), plain(20, { status: 'completed' }), true],
    ['a stored state over a later end without revision', stored('5-1'), plain(20, { status: 'completed' }), false],
    ['a plain message later than the stored state', plain(11), stored('5-1'), true],
    ['a plain message as old as the stored state', plain(10), stored('5-1'), false],
    ['a plain end over a stored state that has not ended', plain(5, { status: 'failed' }), stored('5-1'), true],
    ['plain messages of the same moment, in their order', plain(10), plain(10), true],
    ['an earlier plain message', plain(9), plain(10), false],
    ['a plain message without a time', { ...plain(0), timestamp: undefined }, stored('5-1'), true],
    ['a plain message after a plain end', plain(11), plain(10, { status: 'completed' }), true],
    ['a plain message before a plain end', plain(9), plain(10, { status: 'completed' }), false],
    ['"pending" of a host that knows nothing', plain(99, { status: 'pending' }), plain(10), false],
    ['an earlier plain message over "pending" of a host that knows nothing', plain(5), plain(10, { status: 'pending' }), true],
    ['another "pending" of a host that knows nothing', plain(11, { status: 'pending' }), plain(10, { status: 'pending' }), false],
    ['a plain message as old as a stored "pending"', plain(10), stored('5-1', { status: 'pending' }), false],
    ['"pending" of a new attempt', stored('6-1', { status: 'pending' }), stored('5-9', { status: 'failed' }), true],
    ['a malformed revision counts as none', { ...stored('5-0'), timestamp: at(5) }, stored('5-1'), false],
  ])('%s', (_, next, held, expected) => {
    expect(isNewer(next, held)).toBe(expected);
  });

  it.each([
    ['over nothing', plain(0), null, true],
    ['later, over a stored state', plain(99), stored('5-1'), false],
    ['an end over a stored state that has not ended', plain(0, { status: 'completed' }), stored('5-1'), true],
    ['an end over a stored end', plain(99, { status: 'completed' }), stored('5-1', { status: 'failed' }), false],
    ['later, over a record', plain(11), plain(10), true],
  ])('of a record of the database: %s', (_, next, held, expected) => {
    expect(isNewer(next, held, true)).toBe(expected);
  });

  it('is never true in both directions for stored states', () => {
    const all = ['1-1', '1-2', '2-1', '10-1', '9-10', '999999999999999-999999999999999'].map((revision) => stored(revision));
    for (const one of all) {
      for (const other of all) {
        expect(isNewer(one, other) && isNewer(other, one)).toBe(false);
      }
    }
  });
});

describe('readJson', () => {
  it.each(['', 'null', '1', '"text"', '{', '<html>', '{"a":1}{"b":2}', 'undefined', '\u0000'])('refuses %j', (text) => {
    expect(readJson(text)).toBeUndefined();
  });

  it('reads an object', () => {
    expect(readJson('{"a":[1]}')).toEqual({ a: [1] });
  });
});

describe('readState', () => {
  it.each([
    ['"connected"', { status: 'connected' }],
    ['what has no status', {}],
    ['a list', []],
    ['another document', { status: 'processing', document_id: 'other' }],
    ['an id that is no text', { status: 'processing', document_id: 5 }],
  ])('refuses %s', (_, json) => {
    expect(readState(json, 'document_id', 'doc')).toBeUndefined();
  });

  it.each([[-5, 0], [150, 100], ['42', 42], ['x', 0], [null, 0], [undefined, 0], [12.5, 12.5]])('makes %j %d percent', (progress, expected) => {
    expect(readState({ status: 'processing', progress }, 'document_id', 'doc').progress).toBe(expected);
  });

  it('keeps fields it does not know', () => {
    expect(readState({ status: 'processing', page: 3 }, 'document_id', 'doc')).toMatchObject({ page: 3, document_id: 'doc' });
  });
});
