/** Server-Sent Events: one request, answered without end. The browser comes back by itself, behind what it has. */
export function stream(id, meter) {
  const source = new EventSource(`/progress/documents/${id}/stream`);
  source.onopen = () => meter.request();
  source.onmessage = ({ data, lastEventId }) => {
    meter.receive(`id: ${lastEventId}\ndata: ${data}\n\n`);
    meter.take(JSON.parse(data));
  };
  source.onerror = () => source.readyState === EventSource.CLOSED && meter.fail("The stream was refused.");
  return () => source.close();
}
