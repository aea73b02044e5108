// SignalR's JSON protocol, as far as one stream needs it, so that the sample downloads nothing. An application takes @microsoft/signalr, where all of
// this is: connection.stream("Watch", id).subscribe({ next: (snapshot) => … })

const END = "\u001e";
const STREAM_ITEM = 2;
const COMPLETION = 3;
const STREAM_INVOCATION = 4;
const PING = 6;
const PING_INTERVAL = 15_000;
const STATUSES = ["pending", "processing", "retrying", "completed", "failed", "cancelled"];

/** A hub method that streams. */
export function signalR(id, meter) {
  const socket = new WebSocket("/hub");
  const send = (message) => socket.send(JSON.stringify(message) + END);
  const pinging = setInterval(() => socket.readyState === WebSocket.OPEN && send({ type: PING }), PING_INTERVAL);
  socket.onopen = () => {
    meter.request();
    send({ protocol: "json", version: 1 });
    send({ type: STREAM_INVOCATION, invocationId: "1", target: "Watch", arguments: [id] });
  };
  socket.onmessage = ({ data }) => {
    meter.receive(data);
    for (const text of data.split(END).filter(Boolean)) {
      const message = JSON.parse(text);
      if (message.error) {
        meter.fail(message.error);
      } else if (message.type === STREAM_ITEM) {
        // A snapshot as .NET serializes it, with .NET's names.
        const { status, percent, ...snapshot } = message.item;
        meter.take({ ...snapshot, progress: percent, status: STATUSES[status] });
      } else if (message.type === COMPLETION) {
        socket.close();
      }
    }
  };
  socket.onerror = () => meter.fail("The connection broke.");
  return () => {
    clearInterval(pinging);
    socket.onerror = null;
    socket.close();
  };
}
