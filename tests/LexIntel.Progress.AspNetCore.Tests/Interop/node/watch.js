// Watches with a client that others wrote, and prints what it sees, a line each. Ends when the client gives up by itself.
const [client, address] = process.argv.slice(2);

const show = ({ status, progress }) => console.log(status, progress);

const clients = {
  async eventsource() {
    const { EventSource } = await import("eventsource");
    const source = new EventSource(address);
    source.onmessage = ({ data }) => show(JSON.parse(data));
    source.addEventListener("bye", ({ data }) => console.log("bye", JSON.parse(data).reason));
    source.onerror = () => source.readyState === EventSource.CLOSED && console.log("closed");
  },

  async "eventsource-client"() {
    const { createEventSource } = await import("eventsource-client");
    const source = createEventSource({
      url: address,
      onMessage({ event, data }) {
        if (event === undefined) {
          show(JSON.parse(data));
        } else if (event === "bye") {
          console.log("bye", JSON.parse(data).reason);
        }
      },
      onDisconnect: () => setImmediate(() => source.readyState === "closed" && console.log("closed")),
    });
  },

  // Node's own.
  WebSocket() {
    const socket = new WebSocket(address);
    socket.onopen = () => socket.send(JSON.stringify({ watch: { doc: null }, watch_batches: { b: null }, ping: 7 }));
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.event === undefined) {
        show(message);
      } else if (message.event !== "heartbeat") {
        console.log(message.event, message.ping ?? message.total ?? message.reason);
      }
    };
    socket.onclose = ({ code, reason }) => console.log("closed", code, reason);
  },
};

await clients[client]();
