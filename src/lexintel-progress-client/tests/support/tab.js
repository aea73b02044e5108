import { createProgressClient } from '../../lib/index.js';

/** What the browser does with an event stream: reads it, comes back after `retry`, remembers the last id. */
function createEventSource(tab) {
  return class FakeEventSource extends EventTarget {
    onopen = null;
    onerror = null;
    readyState = 0;
    #lastEventId = '';
    #retry = 3000;
    #stream;
    #timer;

    constructor(url, init = {}) {
      super();
      this.url = url;
      this.withCredentials = !!init.withCredentials;
      tab.sources.push(this);
      this.#timer = tab.clock.setTimeout(() => this.#connect(), 0);
    }

    close() {
      this.readyState = 2;
      tab.clock.clearTimeout(this.#timer);
      this.#stream?.closed();
    }

    #connect() {
      let answer;
      try {
        answer = tab.reach({ url: this.url, headers: { Accept: 'text/event-stream', ...(this.#lastEventId && { 'Last-Event-ID': this.#lastEventId }) } });
      } catch {
        this.#comeBack();
        return;
      }
      if (!answer.connect) {
        this.readyState = 2;
        this.onerror?.(new Event('error'));
        return;
      }
      this.readyState = 1;
      this.onopen?.(new Event('open'));
      this.#stream = answer.connect((text) => this.#read(text), () => this.#comeBack());
      this.#stream.tab = tab;
    }

    #comeBack() {
      if (this.readyState !== 2) {
        this.readyState = 0;
        this.#timer = tab.clock.setTimeout(() => this.#connect(), this.#retry);
        this.onerror?.(new Event('error'));
      }
    }

    #read(text) {
      // Events arrive in tasks of their own.
      queueMicrotask(() => {
        for (const block of text.split('\n\n')) {
          const fields = Object.fromEntries(block.split('\n').filter(Boolean).map((line) => line.split(/: (.*)/s)));
          this.#retry = Number(fields.retry ?? this.#retry);
          this.#lastEventId = fields.id ?? this.#lastEventId;
          if (fields.data !== undefined && this.readyState === 1) {
            this.dispatchEvent(new MessageEvent(fields.event ?? 'message', { data: fields.data, lastEventId: this.#lastEventId }));
          }
        }
      });
    }
  };
}

/** One tab of a browser. All tabs of a world share its clock, its server, its locks and its channels. */
export class Tab {
  /** Every EventSource that was ever made. */
  sources = [];
  /** Whether the network is there. */
  isConnected = true;
  window = new EventTarget();
  document = Object.assign(new EventTarget(), { hidden: false });
  navigator = { onLine: true };
  random = 0.5;
  /** By how much its clock is wrong, in milliseconds. */
  skew = 0;

  constructor(world) {
    this.world = world;
    this.clock = world.clock;
    this.server = world.server;
    const tab = this;
    this.navigator.locks = world.hasLocks ? world.locks.forTab(this) : undefined;
    this.browser = {
      EventSource: createEventSource(this),
      BroadcastChannel: world.hasChannels ? world.createChannel(this) : undefined,
      navigator: this.navigator,
      document: this.document,
      window: this.window,
      fetch: (url, init) => this.#fetch(url, init),
      setTimeout: (action, milliseconds) => this.clock.setTimeout(() => tab.isFrozen || action(), milliseconds),
      clearTimeout: this.clock.clearTimeout,
      Date: { now: () => this.clock.now + this.skew },
      Math: { random: () => (world.count++ % 1000) / 1e6 + this.random },
    };
  }

  /** What it has open, as the server sees it. */
  get streams() {
    return this.server.streams.filter((stream) => stream.tab === this);
  }

  client(options) {
    return (this.ownClient = createProgressClient({ browser: this.browser, ...options }));
  }

  reach(request) {
    if (!this.isConnected) {
      this.server.requests.push({ path: '', isLost: true });
      throw new TypeError('Failed to fetch');
    }
    return this.server.handle(request);
  }

  hide() {
    this.document.hidden = true;
    this.document.dispatchEvent(new Event('visibilitychange'));
  }

  show() {
    this.document.hidden = false;
    this.document.dispatchEvent(new Event('visibilitychange'));
  }

  disconnect() {
    this.isConnected = this.navigator.onLine = false;
    this.streams.forEach((stream) => stream.end());
    this.window.dispatchEvent(new Event('offline'));
  }

  connect() {
    this.isConnected = this.navigator.onLine = true;
    this.window.dispatchEvent(new Event('online'));
  }

  /** The user closes the tab: what it held is gone, and nothing of it runs any more. */
  close() {
    this.window.dispatchEvent(new Event('pagehide'));
    this.kill();
  }

  /** The tab crashes: the same without a word. */
  kill() {
    this.isFrozen = true;
    this.world.channels.forEach((channel) => channel.tab === this && this.world.channels.delete(channel));
    this.streams.forEach((stream) => stream.closed());
    this.world.locks.forget(this);
  }

  async #fetch(url, { method, headers, body, signal }) {
    signal.throwIfAborted();
    const answer = await Promise.race([
      this.reach({ method, url, headers, body }),
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ]);
    if (!answer.connect) {
      const hasBody = answer.body !== undefined && answer.status !== 304;
      return new Response(hasBody ? (typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)) : null, { status: answer.status, headers: answer.headers });
    }
    const encoder = new TextEncoder();
    const tab = this;
    let stream;
    const source = new ReadableStream({
      start(controller) {
        stream = answer.connect((text) => controller.enqueue(encoder.encode(text)), () => controller.close());
        stream.tab = tab;
        signal.addEventListener('abort', () => {
          stream.closed();
          try {
            controller.error(signal.reason);
          } catch {
            // It had ended.
          }
        });
      },
    });
    return new Response(source, { status: 200, headers: answer.headers });
  }
}
