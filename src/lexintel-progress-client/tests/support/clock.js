/** A clock that only moves when it is told to. */
export class Clock {
  now = 1_764_000_000_000;
  #timers = new Map();
  #count = 0;

  setTimeout = (action, milliseconds) => {
    this.#timers.set(++this.#count, { action, at: this.now + Math.max(0, milliseconds || 0) });
    return this.#count;
  };

  clearTimeout = (timer) => {
    this.#timers.delete(timer);
  };

  /** Runs everything that is due within the time, each at its own moment, and whatever follows from it. */
  async advance(milliseconds = 0) {
    const end = this.now + milliseconds;
    await settle();
    for (let next; (next = this.#next(end)); ) {
      this.#timers.delete(next.id);
      this.now = Math.max(this.now, next.at);
      next.action();
      await settle();
    }
    this.now = end;
  }

  /** The machine sleeps: time passes, and nothing runs. */
  sleep(milliseconds) {
    this.now += milliseconds;
  }

  #next(end) {
    const due = [...this.#timers].map(([id, timer]) => ({ id, ...timer })).filter(({ at }) => at <= end);
    return due.sort((a, b) => a.at - b.at || a.id - b.id)[0];
  }
}

/** Lets promises and streams of this process come to rest. */
export async function settle() {
  for (let i = 0; i < 4; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
