import { Clock, settle } from './clock.js';
import { Server } from './server.js';
import { Tab } from './tab.js';

/** The locks of one origin: the first who asks holds, the others wait in their order, a thief takes it (W3C Web Locks). */
class Locks {
  #held = new Map();
  #queues = new Map();

  forTab(tab) {
    return {
      request: (name, options, callback) => new Promise((resolve, reject) => {
        const entry = { tab, callback, resolve, reject };
        if (options.signal?.aborted) {
          reject(options.signal.reason);
          return;
        }
        const queue = this.#queues.get(name) ?? [];
        this.#queues.set(name, queue);
        if (options.steal) {
          const holder = this.#held.get(name);
          this.#held.delete(name);
          holder?.reject(new DOMException('The lock was stolen.', 'AbortError'));
          queue.unshift(entry);
        } else {
          queue.push(entry);
          options.signal?.addEventListener('abort', () => {
            if (queue.includes(entry)) {
              queue.splice(queue.indexOf(entry), 1);
              reject(options.signal.reason);
            }
          });
        }
        this.#grant(name);
      }),
    };
  }

  forget(tab) {
    for (const queue of this.#queues.values()) {
      queue.splice(0, queue.length, ...queue.filter((entry) => entry.tab !== tab));
    }
    for (const [name, holder] of this.#held) {
      if (holder.tab === tab) {
        this.#held.delete(name);
        this.#grant(name);
      }
    }
  }

  async #grant(name) {
    await Promise.resolve();
    const entry = !this.#held.has(name) && this.#queues.get(name).shift();
    if (entry) {
      this.#held.set(name, entry);
      try {
        entry.resolve(await entry.callback({ name }));
      } catch (error) {
        entry.reject(error);
      }
      if (this.#held.get(name) === entry) {
        this.#held.delete(name);
        this.#grant(name);
      }
    }
  }
}

/** One browser with its tabs, one server, one clock. */
export class World {
  clock = new Clock();
  server = new Server(this.clock);
  locks = new Locks();
  channels = new Set();
  hasLocks;
  hasChannels = true;
  count = 0;

  constructor({ share = false } = {}) {
    this.hasLocks = share;
  }

  tab() {
    return new Tab(this);
  }

  /** Everything that happens within the time, and what follows from it. */
  pass(milliseconds = 100) {
    return this.clock.advance(milliseconds);
  }

  settle = settle;

  createChannel(tab) {
    const world = this;
    return class FakeChannel {
      onmessage = null;

      constructor(name) {
        Object.assign(this, { name, tab });
        world.channels.add(this);
      }

      postMessage(message) {
        if (!world.channels.has(this)) {
          throw new DOMException('The channel is closed.', 'InvalidStateError');
        }
        const data = structuredClone(message);
        for (const other of world.channels) {
          if (other !== this && other.name === this.name) {
            queueMicrotask(() => world.channels.has(other) && !other.tab.isFrozen && other.onmessage?.({ data }));
          }
        }
      }

      close() {
        world.channels.delete(this);
      }
    };
  }
}

export const first = 1_764_000_000_000;
/** @param {number} number @param {number} [attempt] */
export const revision = (number, attempt = first) => `${attempt}-${number}`;
