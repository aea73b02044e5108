import { describe, expect, it } from 'vitest';
import { createReader } from '../lib/sse.js';

function read(...pieces) {
  const events = [];
  const retries = [];
  const parse = createReader((name, data) => events.push([name, data]), (milliseconds) => retries.push(milliseconds));
  pieces.forEach(parse);
  return { events, retries };
}

describe('createReader', () => {
  it.each(['\n', '\r\n', '\r'])('ends lines with %j', (end) => {
    // A CR at the very end may be half of a line end.
    expect(read(`event: batch${end}data: {}${end}${end}data: 1${end}${end}:`).events).toEqual([['batch', '{}'], ['message', '1']]);
  });

  it('puts pieces together wherever they were cut', () => {
    const text = 'retry: 2376\r\n\r\nid: 1-1\r\nevent: stalled\r\ndata: {"since":\r\ndata: "now"}\r\n\r\ndata: 2\r\n\r\n:';
    const whole = read(text);
    for (let i = 0; i <= text.length; i++) {
      for (let j = i; j <= text.length; j += 7) {
        expect(read(text.slice(0, i), text.slice(i, j), text.slice(j))).toEqual(whole);
      }
    }
    expect(whole).toEqual({ events: [['stalled', '{"since":\n"now"}'], ['message', '2']], retries: [2376] });
  });

  it('dispatches nothing for a block without data', () => {
    expect(read('id: 1-1-end\n\nevent: heartbeat\n\n').events).toEqual([]);
  });

  it('forgets the name of a block without data', () => {
    expect(read('event: bye\n\ndata: x\n\n').events).toEqual([['message', 'x']]);
  });

  it('does not dispatch a block that was cut off', () => {
    expect(read('data: {"a":1}\n').events).toEqual([]);
  });

  it('takes one space after the colon away, and no more', () => {
    expect(read('data:a\n\ndata:  b\n\ndata\n\n').events).toEqual([['message', 'a'], ['message', ' b'], ['message', '']]);
  });

  it.each([': comment', 'unknown: x', 'retry: soon', 'retry: -1', 'retry: 1.5', 'datax: y', ':', 'id: 5\u0000'])('ignores %j', (line) => {
    expect(read(`${line}\n\ndata: x\n\n`)).toEqual({ events: [['message', 'x']], retries: [] });
  });

  it('survives any junk', () => {
    let seed = 42;
    const random = (below) => (seed = (seed * 1103515245 + 12345) % 2 ** 31) % below;
    const parts = ['data', 'event', ':', ' ', '\n', '\r', '\n\n', '{"a"', '\u0000', 'ü', '🙂', 'retry: 5', '<html>', 'id: x', '\uFEFF', '\ud800'];
    for (let run = 0; run < 300; run++) {
      const text = Array.from({ length: 40 }, () => parts[random(parts.length)]).join('');
      const cut = random(text.length);
      expect(read(`${text}\n\n`)).toEqual(read(text.slice(0, cut), `${text.slice(cut)}\n\n`));
    }
  });

  it('gives up on an event without end', () => {
    const parse = createReader(() => {}, () => {});
    expect(() => {
      for (let i = 0; i < 20; i++) {
        parse('data: ' + 'x'.repeat(100_000));
      }
    }).toThrow(RangeError);
    const lines = createReader(() => {}, () => {});
    expect(() => {
      for (let i = 0; i < 20; i++) {
        lines(`data: ${'x'.repeat(100_000)}\n`);
      }
    }).toThrow(RangeError);
  });
});
