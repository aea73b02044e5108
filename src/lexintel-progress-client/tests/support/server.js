/** One open stream, seen from the server. */
class ServerStream {
  isOpen = true;

  constructor(server, request, receive, ended) {
    this.server = server;
    this.request = request;
    this.receive = receive;
    this.ended = ended;
  }

  /** What it is for, where that is several documents. */
  get documents() {
    return Object.keys(JSON.parse(this.request.body).documents);
  }

  write(text) {
    if (this.isOpen) {
      this.receive(text);
    }
  }

  /** A state, which has no name. */
  state(state) {
    this.write(`${state.revision ? `id: ${state.revision}\n` : ''}data: ${JSON.stringify(state)}\n\n`);
  }

  event(name, data = {}) {
    this.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** The server, or something on the way, ends it. */
  end() {
    if (this.isOpen) {
      this.closed();
      this.ended();
    }
  }

  /** The client has left, or it was ended. */
  closed() {
    this.isOpen = false;
    this.server.streams = this.server.streams.filter((stream) => stream !== this);
  }
}

/**
 * The other side of the wire: streams and statuses as docs/wire.md describes them. A test says what it knows and how it fails.
 */
export class Server {
  /** Open streams, oldest first. */
  streams = [];
  /** Everything that was asked, as {method, path, query, headers, body, at}. */
  requests = [];
  /** The greatest number of streams that were ever open at once. */
  mostStreams = 0;
  /** Whether requests reach it at all. */
  isReachable = true;
  /** What it answers to streams: 200, or a status. */
  streamStatus = 200;
  /** Whether streams are accepted and nothing they say ever arrives, as behind a proxy that buffers. */
  isBuffering = false;
  /** Why it turns streams away for the moment, as it does when it stops or has too many. */
  turnsAway;
  /** Milliseconds of `retry:`. */
  retry = 2000;
  /** States by document, aggregates by batch. */
  documents = new Map();
  batches = new Map();
  /** What `/status` answers instead, as (id) => {status, headers, body}. */
  answer = () => undefined;
  headers = {};
  /** Whether `?wait=` is understood. */
  knowsWait = false;
  #waiting = new Set();

  constructor(clock) {
    this.clock = clock;
  }

  get statusRequests() {
    return this.requests.filter(({ path }) => path.endsWith('/status'));
  }

  get streamRequests() {
    return this.requests.filter(({ path }) => path.endsWith('/stream'));
  }

  get stream() {
    return this.streams.at(-1);
  }

  /** Sets a document's state and tells every stream that carries it. */
  publish(id, fields) {
    const state = { document_id: id, status: 'processing', step: 'extraction', progress: 0, message: '', timestamp: new Date(this.clock.now).toISOString(), ...fields };
    this.documents.set(id, state);
    for (const stream of this.streams) {
      if (this.#carried(stream.request).includes(id)) {
        stream.state(state);
      }
    }
    for (const wake of [...this.#waiting]) {
      wake();
    }
    return state;
  }

  publishBatch(id, fields) {
    const state = { batch_id: id, status: 'processing', total: 10, pending: 0, processing: 0, completed: 0, failed: 0, cancelled: 0, progress: 0, timestamp: new Date(this.clock.now).toISOString(), ...fields };
    this.batches.set(id, state);
    for (const stream of this.streams) {
      if (stream.request.path.endsWith(`/batches/${id}/stream`)) {
        stream.event('batch', state);
      }
    }
  }

  /** Ends all streams and answers no more. */
  stop() {
    this.isReachable = false;
    this.streams.forEach((stream) => stream.end());
  }

  /** The answer: {status, headers, body} or {status: 200, connect(receive, ended)} for a stream. Throws where nothing is reached. */
  handle({ method = 'GET', url, headers = {}, body }) {
    const { pathname, searchParams } = new URL(url, 'http://host');
    const request = { method, path: pathname, query: searchParams, headers, body, at: this.clock.now };
    this.requests.push(request);
    if (!this.isReachable) {
      throw new TypeError('Failed to fetch');
    }
    return pathname.endsWith('/stream') ? this.#openStream(request) : this.#status(request);
  }

  #openStream(request) {
    if (this.streamStatus !== 200) {
      return { status: this.streamStatus, headers: this.headers, body: { detail: 'refused' } };
    }
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      connect: (receive, ended) => {
        const stream = new ServerStream(this, request, this.isBuffering ? () => {} : receive, ended);
        this.streams.push(stream);
        this.mostStreams = Math.max(this.mostStreams, this.streams.length);
        stream.write(`retry: ${this.retry}\n\n`);
        if (this.turnsAway) {
          stream.event('bye', { reason: this.turnsAway });
          this.clock.setTimeout(() => stream.end(), 1);
        } else {
          this.#greet(stream);
        }
        return stream;
      },
    };
  }

  #greet(stream) {
    const batch = /\/batches\/([^/]+)\/stream$/.exec(stream.request.path);
    if (batch) {
      const state = this.batches.get(decodeURIComponent(batch[1]));
      return state ? stream.event('batch', state) : stream.event('heartbeat');
    }
    for (const id of this.#carried(stream.request)) {
      const state = this.documents.get(id);
      stream.state(state ?? { status: 'connected', document_id: id, step: 'waiting', progress: 0, message: '', timestamp: new Date(this.clock.now).toISOString() });
    }
  }

  #carried({ path, query, body }) {
    const one = /\/documents\/([^/]+)\/stream$/.exec(path);
    return one ? [decodeURIComponent(one[1])] : body ? Object.keys(JSON.parse(body).documents) : query.getAll('documents');
  }

  #status(request) {
    const [, kind, encoded] = /\/(documents|batches)\/([^/]+)\/status$/.exec(request.path);
    const id = decodeURIComponent(encoded);
    const known = () => {
      const answer = this.answer(id);
      if (answer) {
        return answer;
      }
      const state = (kind === 'batches' ? this.batches : this.documents).get(id)
        ?? { document_id: id, status: 'pending', step: '', progress: 0, message: '', timestamp: new Date(this.clock.now).toISOString() };
      const tag = state.revision ? `"${state.revision}"` : '"none"';
      return request.headers['If-None-Match'] === tag
        ? { status: 304, headers: { ETag: tag } }
        : { status: 200, headers: { ETag: tag, 'X-Progress-Source': 'backplane' }, body: state };
    };
    const first = known();
    if (first.status !== 304 || !this.knowsWait || !request.query.has('wait')) {
      return first;
    }
    return new Promise((resolve) => {
      const finish = () => {
        this.clock.clearTimeout(timer);
        this.#waiting.delete(finish);
        resolve(known());
      };
      const timer = this.clock.setTimeout(finish, Number(request.query.get('wait')) * 1000);
      this.#waiting.add(finish);
    });
  }
}
