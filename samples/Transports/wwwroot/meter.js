const encoder = new TextEncoder();
const TERMINAL = new Set(["completed", "failed", "cancelled"]);

/** What one transport has brought, and its row on the page. */
export class Meter {
  #part;
  #points = [];

  constructor(row, { name, how }) {
    this.row = row;
    this.#part = (part) => row.querySelector(`.${part}`);
    row.dataset.transport = name;
    this.#part("name").textContent = name;
    this.#part("how").textContent = how;
    this.#part("bar").setAttribute("aria-label", name);
    this.begin(Date.now(), 1);
    row.dataset.status = "idle";
  }

  /** A new document, which will take about so long. */
  begin(now, milliseconds) {
    Object.assign(this, { start: now, length: milliseconds, updates: 0, requests: 0, bytes: 0, state: undefined, error: undefined });
    this.#points = [[0, 0]];
    this.row.dataset.status = "waiting";
    this.show(now);
  }

  /** A request, or a connection, was made. */
  request() {
    this.requests++;
  }

  receive(text) {
    this.bytes += encoder.encode(text).length;
  }

  /** A state has come. */
  take(state) {
    if (state.status === "connected" || state.status === "pending" || this.isOver) {
      return;
    }
    const now = Date.now();
    this.updates++;
    this.state = state;
    this.delay = now - Date.parse(state.timestamp);
    this.#points.push([now - this.start, state.progress]);
    this.row.dataset.status = state.status;
    this.#showEnd(now);
  }

  /** Nothing more will come. */
  fail(error) {
    if (this.isOver) {
      return;
    }
    this.error = String(error);
    this.row.dataset.status = "broken";
    this.#showEnd(Date.now());
  }

  get isOver() {
    return TERMINAL.has(this.state?.status) || this.error !== undefined;
  }

  /** Called again and again: the age grows while nothing comes. */
  show(now) {
    const progress = this.state?.progress ?? 0;
    this.#part("bar").value = progress;
    // Rounded down: "100 %" is for what is finished.
    this.#part("percent").textContent = `${Math.floor(progress)} %`;
    this.#part("updates").textContent = this.updates.toLocaleString("en");
    this.#part("requests").textContent = this.requests.toLocaleString("en");
    this.#part("bytes").textContent = this.bytes < 10_000 ? `${this.bytes.toLocaleString("en")} B` : `${(this.bytes / 1024).toFixed(1)} KiB`;
    // When all is over: how late the end was.
    const age = this.isOver ? this.delay : now - Date.parse(this.state?.timestamp);
    this.#part("age").textContent = Number.isNaN(age) || age === undefined ? "–" : age < 1_000 ? `${Math.max(0, Math.round(age))} ms` : `${(age / 1_000).toFixed(1)} s`;
    this.#part("message").textContent = this.error ?? (this.state?.message || this.state?.status || "");
    this.#part("stairs").setAttribute("d", this.#stairs(now));
  }

  #showEnd(now) {
    this.show(now);
    if (this.isOver) {
      this.row.dispatchEvent(new Event("over", { bubbles: true }));
    }
  }

  /** What was on screen over time: a step up for each update. */
  #stairs(now) {
    const last = this.isOver ? this.#points.at(-1)[0] : now - this.start;
    const width = Math.max(this.length, last);
    const x = (time) => ((100 * time) / width).toFixed(2);
    const steps = this.#points.map(([time, progress], i) => (i === 0 ? "M0 100" : `H${x(time)}V${(100 - progress).toFixed(1)}`));
    return `${steps.join("")}H${x(last)}`;
  }
}
