// The page of the document pipeline. What it shows always comes from the server: the list when it is opened, then, from <lexintel-progress>, each
// document that is not finished. Text from the server is only ever set as text.
import "/_content/LexIntel.Progress.AspNetCore/lexintel-progress.js";

const MAX_UPLOADS = 2;
const MAX_ANNOUNCEMENTS = 8;

const STEPS = ["extraction", "chunking", "embedding"];
const TERMINAL = new Set(["completed", "failed", "cancelled"]);
const STATUS_TEXT = {
  uploading: "Uploading", pending: "Waiting", processing: "Processing", retrying: "Trying again",
  completed: "Completed", failed: "Failed", cancelled: "Cancelled", refused: "Not accepted",
};

const CONNECTION_TEXT = {
  stalled: "The worker gives no sign of life. Another one will take over.",
  degraded: "Live updates are interrupted; the work goes on.",
  offline: "No network. The work goes on.",
  connecting: "Connection lost. Reconnecting…",
};

const byId = (id) => document.getElementById(id);
const list = byId("documents");
/** @type {Map<string, Card>} */
const cards = new Map();

/** One document on the page. */
class Card {
  constructor(fileName, size) {
    this.element = document.importNode(byId("document-template").content.firstElementChild, true);
    this.part = (name) => this.element.querySelector(`.${name}`);
    this.bar = this.part("bar");
    this.wasConnected = false;
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
    this.bar.addEventListener("progress", ({ detail }) => this.take(detail));
  }

  /** Keeps the card up to date until its document is finished. */
  follow(id) {
    this.bar.setAttribute("document-id", id);
  }

  /** Something is new about the document, its worker or the connection. */
  take({ connection, state, error }) {
    if (state) {
      this.describe(state);
    }
    this.wasConnected ||= ["live", "polling"].includes(connection);
    this.note(error ? "The server does not show this document any more." : this.wasConnected ? CONNECTION_TEXT[connection] : "");
  }

  /** Shows a state of the page's own: an upload, or an entry of the list, which has the names of a state. */
  show(state) {
    this.bar.show(state);
    this.describe(state);
  }

  describe(state) {
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
    // Rounded down: "100 %" is for what is finished.
    this.part("percent").textContent = `${Math.floor(state.progress)} %`;
    this.showSteps(state);
    if (isNews && state.status !== "pending") {
      announce(`${this.fileName}: ${STATUS_TEXT[state.status] ?? state.status}. ${state.error_message ?? ""}`);
    }
    summarize();
  }

  /** A remark about the connection or the worker. */
  note(text) {
    setText(this.part("note"), text);
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
        card.follow(answer.id);
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
        card.follow(entry.id);
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
