const MOST_CHARACTERS = 1 << 20;

/**
 * Reads an event stream (WHATWG HTML, 9.2.6) piece by piece. Ids are not kept: a state carries its revision. Throws when an event is too long to be one.
 * @param {(name: string, data: string) => void} onEvent
 * @param {(milliseconds: number) => void} onRetry
 * @returns {(piece: string) => void}
 */
export function createReader(onEvent, onRetry) {
  let rest = '';
  let name = '';
  let data = '';
  return (piece) => {
    rest += piece;
    // A CR at the end of a piece may be half of a line end: it waits for the next piece.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (!line) {
        if (data) {
          onEvent(name || 'message', data.slice(0, -1));
        }
        name = data = '';
      } else if (field == 'event') {
        name = value;
      } else if (field == 'data') {
        data += value + '\n';
      } else if (field == 'retry' && /^\d+$/.test(value)) {
        onRetry(Number(value));
      }
    }
    if (rest.length + data.length > MOST_CHARACTERS) {
      throw RangeError();
    }
  };
}
