/** The WebSocket of MapProgressStream(): it takes commands, so one socket can watch other documents as it goes. */
export function socket(id, meter) {
  const socket = new WebSocket("/progress/socket");
  socket.onopen = () => {
    meter.request();
    socket.send(JSON.stringify({ watch: { [id]: null } }));
  };
  socket.onmessage = ({ data }) => {
    meter.receive(data);
    const message = JSON.parse(data);
    // What is not a state says its name.
    if (!message.event) {
      meter.take(message);
    }
  };
  socket.onerror = () => meter.fail("The socket broke.");
  return () => {
    socket.onerror = null;
    socket.close();
  };
}
