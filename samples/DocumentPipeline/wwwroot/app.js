// The page of the document pipeline. What it shows always comes from the server: the list when it is opened, then a stream for each
// document that is not finished. Text from the server is only ever set as text.

/** HTTP/1.1 browsers hold six connections to one host. Streams keep theirs, so some have to stay free for everything else. */
const MAX_STREAMS = 4;
const MAX_UPLOADS = 2;
const MAX_ANNOUNCEMENTS = 8;
const POLL_MS = 1000;
const SLOWEST_POLL_MS = 10_000;
/** The server sends a heartbeat every 15 seconds: a stream that is silent for longer than this is dead, or held back by a proxy. */
const SILENCE_MS = 45_000;
const STREAM_AGAIN_MS = 30_000;
/** EventSource reconnects by itself for ever. After this many times in a row without an event, asking is tried instead. */
const MAX_RECONNECTS = 2;

const STEPS = ["extraction", "chunking", "embedding"];
const TERMINAL = new Set(["completed", "failed", "cancelled"]);
const STATUS_TEXT = {
  uploading: "Uploading", pending: "Waiting", processing: "Processing", retrying: "Trying again",
  completed: "Completed", failed: "Failed", cancelled: "Cancelled", refused: "Not accepted",
};

const byId = (id) => document.getElementById(id);
const list = byId("documents");
/** @type {Map<string, Card>} */
const cards = new Map();

/** One document on the page. */
class Card {
  constructor(fileName, size) {
    this.element = byId("document-template").content.firstElementChild.cloneNode(true);
    this.part = (name) => this.element.querySelector(`.${name}`);
    this.bar = this.part("bar");
    this.fill = this.part("fill");
    this.fileName = fileName;
    this.size = size;
    this.status = "";
    this.started = undefined;
    this.part("name").textContent = fileName;
    this.part("kind").textContent = (/\.([a-z]{1,4})$/i.exec(fileName)?.[1] ?? "?").toUpperCase();
    this.bar.setAttribute("aria-label", `Progress of ${fileName}`);
    this.part("steps").append(...STEPS.map((step) => {
      const item = document.createElement("li");
      item.className = "step";
      item.textContent = step;
      return item;
    }));
    this.fill.classList.add("first");
  }

  /** Shows a state: a message of the stream, an answer of /status or an entry of the list, which share their names. */
  show(state) {
    const isNews = this.status !== "" && this.status !== state.status;
    this.status = state.status;
    // The list knows when the work began; a stream begins with the steps, or with the work itself.
    this.started ??= state.started_at ?? state.steps?.[0]?.started ?? (state.status === "processing" ? state.timestamp : undefined);
    this.element.dataset.status = state.status;
    this.part("status-text").textContent = STATUS_TEXT[state.status] ?? state.status;
    this.part("message").textContent = TERMINAL.has(state.status) ? "" : state.message ?? "";
    this.part("remaining").textContent = TERMINAL.has(state.status) ? "" : timeLeft(state.remaining_seconds);
    this.part("meta").textContent = [fileSize(this.size), state.status === "completed" ? state.message : "", took(state, this.started)].filter(Boolean).join(" · ");
    setText(this.part("error"), state.error_message);
    this.note("");
    this.move(state);
    this.showSteps(state);
    if (isNews && state.status !== "pending") {
      announce(`${this.fileName}: ${STATUS_TEXT[state.status] ?? state.status}. ${state.error_message ?? ""}`);
    }
    summarize();
  }

  /** A remark about the connection or the worker; the next state removes it. */
  note(text) {
    setText(this.part("note"), text);
  }

  move(state) {
    const percent = Math.min(Math.max(Number(state.progress) || 0, 0), 100);
    // Rounded down: "100 %" is for what is finished.
    const shown = Math.floor(percent);
    this.fill.style.transform = `translateX(${percent - 100}%)`;
    this.part("percent").textContent = `${shown} %`;
    this.bar.setAttribute("aria-valuenow", String(percent));
    this.bar.setAttribute("aria-valuetext", [`${shown} percent`, STATUS_TEXT[state.status], state.step, state.message].filter(Boolean).join(", "));
    // The first value is where the document stands, not a movement: it is painted without a transition.
    requestAnimationFrame(() => requestAnimationFrame(() => this.fill.classList.remove("first")));
  }

  showSteps(state) {
    const now = STEPS.indexOf(state.step);
    for (const [index, item] of [...this.part("steps").children].entries()) {
      const isDone = state.status === "completed" || index < now;
      item.dataset.state = isDone ? "done" : index > now ? "next" : state.status === "failed" ? "failed" : "now";
      if (index === now && !isDone) {
        item.setAttribute("aria-current", "step");
      } else {
        item.removeAttribute("aria-current");
      }
    }
  }
}

/** Keeps a card up to date until its document is finished: by a stream, or by asking when that does not work. */
class Follower {
  static streams = 0;

  constructor(id, card) {
    this.base = `/progress/documents/${encodeURIComponent(id)}`;
    this.card = card;
    this.failures = 0;
    this.streamAgain = 0;
    this.next();
  }

  next() {
    if (Follower.streams < MAX_STREAMS && performance.now() >= this.streamAgain) {
      this.stream();
    } else {
      this.poll();
    }
  }

  take(state) {
    // "connected" says that nothing is known yet, not how the document stands.
    if (state.status === "connected") {
      return false;
    }
    this.card.show(state);
    return TERMINAL.has(state.status);
  }

  stream() {
    Follower.streams++;
    const source = new EventSource(`${this.base}/stream`);
    let watchdog;
    let reconnects = 0;
    const isAlive = () => {
      reconnects = 0;
      clearTimeout(watchdog);
      watchdog = setTimeout(fail, SILENCE_MS);
    };
    const close = () => {
      clearTimeout(watchdog);
      source.close();
      Follower.streams--;
    };
    const fail = () => {
      close();
      this.streamAgain = performance.now() + STREAM_AGAIN_MS;
      this.poll();
    };
    const say = (name, text) => source.addEventListener(name, () => {
      isAlive();
      this.card.note(text);
    });

    isAlive();
    source.addEventListener("message", (event) => {
      isAlive();
      // Left open, it would reconnect once to learn that there is no more.
      if (this.take(JSON.parse(event.data))) {
        close();
      }
    });
    source.addEventListener("open", () => this.card.note(""));
    source.addEventListener("heartbeat", isAlive);
    say("stalled", "The worker gives no sign of life. Another one will take over.");
    say("resumed", "");
    say("degraded", "Live updates are interrupted; the work goes on.");
    say("recovered", "");
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED || ++reconnects > MAX_RECONNECTS) {
        fail();
      } else {
        this.card.note("Connection lost. Reconnecting…");
      }
    });
  }

  async poll() {
    let wait = POLL_MS;
    try {
      const response = await fetch(`${this.base}/status`, { headers: { accept: "application/json" }, cache: "no-cache" });
      if (response.status === 404) {
        this.card.note("The server does not know this document any more.");
        return;
      }
      if (!response.ok) {
        throw new Error(response.statusText);
      }
      this.failures = 0;
      if (this.take(await response.json())) {
        return;
      }
    } catch {
      this.failures++;
      this.card.note("Connection lost. Trying again…");
      wait = Math.min(POLL_MS * 2 ** this.failures, SLOWEST_POLL_MS);
    }
    setTimeout(() => this.next(), wait);
  }
}

/** Files on their way to the server, a few at once. */
const uploads = {
  /** @type {{file: File, card: Card}[]} */
  waiting: [],
  running: 0,
  maxBytes: Infinity,

  add(files) {
    for (const file of files) {
      const card = new Card(file.name, file.size);
      list.prepend(card.element);
      card.show({ status: "uploading", progress: 0, message: "" });
      this.waiting.push({ file, card });
    }
    this.next();
  },

  next() {
    while (this.running < MAX_UPLOADS && this.waiting.length > 0) {
      this.running++;
      const { file, card } = this.waiting.shift();
      this.send(file, card).finally(() => {
        this.running--;
        this.next();
      });
    }
  },

  async send(file, card) {
    if (file.size > this.maxBytes) {
      refuse(card, `The file is too large. At most ${fileSize(this.maxBytes)} are accepted.`);
      return;
    }
    try {
      const form = new FormData();
      form.append("file", file);
      const response = await fetch("/documents", { method: "POST", body: form });
      // What is not JSON comes from a proxy on the way.
      const answer = await response.json().catch(() => ({}));
      if (!response.ok) {
        refuse(card, answer.detail ?? `The server refused the file (${response.status}).`);
      } else if (cards.has(answer.id)) {
        // The list was read meanwhile, and has it already.
        card.element.remove();
      } else {
        cards.set(answer.id, card);
        card.show({ status: "pending", progress: 0, message: "Waiting for a worker" });
        new Follower(answer.id, card);
      }
    } catch {
      refuse(card, "The upload did not reach the server. Check the connection and choose the file again.");
    }
  },
};

function refuse(card, reason) {
  card.show({ status: "refused", progress: 0, message: "", error_message: reason });
}

/** Reads what the server has, and adds what is not on the page yet. */
async function load() {
  try {
    const response = await fetch("/documents", { cache: "no-store" });
    if (!response.ok) {
      throw new Error(response.statusText);
    }
    const documents = await response.json();
    // Oldest first, so that each one goes on top of those before it.
    for (const entry of documents.reverse()) {
      if (cards.has(entry.id)) {
        continue;
      }
      const card = new Card(entry.file_name, entry.size);
      cards.set(entry.id, card);
      card.show(entry);
      list.prepend(card.element);
      if (!TERMINAL.has(entry.status)) {
        new Follower(entry.id, card);
      }
    }
    setText(byId("banner"), "");
    summarize();
  } catch {
    setText(byId("banner"), "The server cannot be reached. Trying again…");
    setTimeout(load, 3000);
  }
}

async function readLimits() {
  try {
    const limits = await (await fetch("/documents/limits")).json();
    uploads.maxBytes = limits.max_upload_bytes;
    byId("limits").textContent = `PDF, DOCX or TXT, up to ${fileSize(uploads.maxBytes)} each`;
  } catch {
    // The server checks the size as well.
  }
}

function summarize() {
  const all = [...list.children];
  const active = all.filter((element) => ["uploading", "pending", "processing", "retrying"].includes(element.dataset.status)).length;
  byId("empty").hidden = all.length > 0;
  byId("summary").textContent = active > 0 ? `${active} in progress` : "";
}

/** Says something to users of screen readers. Lines are added, so that several ends at once are all said. */
function announce(text) {
  const line = document.createElement("p");
  line.textContent = text;
  const announcer = byId("announcer");
  announcer.append(line);
  while (announcer.childElementCount > MAX_ANNOUNCEMENTS) {
    announcer.firstElementChild.remove();
  }
}

function setText(element, text) {
  element.textContent = text ?? "";
  element.hidden = !text;
}

function fileSize(bytes) {
  if (!Number.isFinite(bytes)) {
    return "";
  }
  return bytes < 1024 ? `${bytes} bytes` : bytes < 1024 ** 2 ? `${Math.round(bytes / 1024)} KB` : `${+(bytes / 1024 ** 2).toFixed(1)} MB`;
}

function timeLeft(seconds) {
  return Number.isFinite(seconds) ? `about ${duration(Math.max(seconds, 1))} left` : "";
}

function took(state, started) {
  const seconds = (Date.parse(state.finished_at ?? state.timestamp) - Date.parse(started)) / 1000;
  return state.status === "completed" && Number.isFinite(seconds) ? `took ${seconds < 1 ? "less than 1\u00a0s" : duration(seconds)}` : "";
}

function duration(seconds) {
  const whole = Math.ceil(seconds);
  // A number stays on the line of its unit.
  return whole < 90 ? `${whole}\u00a0s` : `${Math.round(whole / 60)}\u00a0min`;
}

const drop = byId("drop");
const picker = byId("picker");
picker.addEventListener("change", () => {
  uploads.add(picker.files);
  // So that the same file can be chosen again.
  picker.value = "";
});
drop.addEventListener("submit", (event) => event.preventDefault());
// Anywhere on the page: a file that is dropped beside the field must not replace the page.
addEventListener("dragover", (event) => {
  if (event.dataTransfer?.types.includes("Files")) {
    event.preventDefault();
    drop.classList.add("over");
  }
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) {
    drop.classList.remove("over");
  }
});
addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  uploads.add(event.dataTransfer?.files ?? []);
});
// Another tab, or another person, may have sent documents.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    load();
  }
});

readLimits();
load();
