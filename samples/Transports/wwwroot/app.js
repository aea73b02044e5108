// Starts a slow document and watches it in five ways at once. Everything the page shows about a transport is in its meter.
import { Meter } from "./meter.js";
import { signalR } from "./transports/signalr.js";
import { socket } from "./transports/socket.js";
import { stream } from "./transports/sse.js";
import { longPoll, poll } from "./transports/status.js";

const TRANSPORTS = [
  { name: "Polling", how: "GET …/status, every two seconds", watch: poll },
  { name: "Long polling", how: "GET …/status?wait=25, again and again", watch: longPoll },
  { name: "Server-Sent Events", how: "GET …/stream, one answer without end", watch: stream },
  { name: "WebSocket", how: "…/socket, and a command to watch", watch: socket },
  { name: "SignalR", how: "a hub method that streams", watch: signalR },
];

const byId = (id) => document.getElementById(id);
const template = byId("transport").content.firstElementChild;
const meters = TRANSPORTS.map((transport) => {
  const row = document.importNode(template, true);
  byId("transports").append(row);
  return new Meter(row, transport);
});

let stops = [];
let showing;

byId("start").addEventListener("click", async () => {
  const seconds = Number(byId("seconds").value);
  const id = crypto.randomUUID();
  leave();
  const now = Date.now();
  meters.forEach((meter) => meter.begin(now, seconds * 1_000));
  stops = TRANSPORTS.map(({ watch }, i) => watch(id, meters[i]));
  showing = setInterval(() => meters.forEach((meter) => meter.isOver || meter.show(Date.now())), 100);
  say("The document is being worked on.");
  const response = await fetch(`/documents/${id}?seconds=${seconds}`, { method: "POST" }).catch(() => undefined);
  if (!response?.ok) {
    leave();
    say("The document could not be started. Is the sample still running?");
  }
});

// Each transport is left when it has seen the end.
byId("transports").addEventListener("over", ({ target }) => {
  stops[meters.findIndex((meter) => meter.row === target)]?.();
  if (meters.every((meter) => meter.isOver)) {
    leave();
    say("All five have seen the end.");
  }
});

function leave() {
  clearInterval(showing);
  stops.forEach((stop) => stop());
  stops = [];
}

function say(text) {
  byId("news").textContent = text;
}

const asked = new URLSearchParams(location.search).get("seconds");
if (asked) {
  byId("seconds").add(new Option(`${asked} seconds`, asked, true, true));
}
