// The status endpoint, asked in two ways. An ETag says what the page has already, so that an answer without news is short: 304.

const INTERVAL = 2_000;
const WAIT_SECONDS = 25;

/** Asks every two seconds, whether or not there is news. */
export function poll(id, meter) {
  return ask(id, meter, "", INTERVAL);
}

/** Asks for the next state and waits for it: the server answers when there is one. Works through every proxy. */
export function longPoll(id, meter) {
  return ask(id, meter, `?wait=${WAIT_SECONDS}`, 0);
}

function ask(id, meter, query, pause) {
  const leaving = new AbortController();
  let tag;
  const next = async () => {
    meter.request();
    const response = await fetch(`/progress/documents/${id}/status${query}`, {
      headers: tag ? { "If-None-Match": tag } : {},
      cache: "no-store",
      signal: leaving.signal,
    });
    const text = await response.text();
    meter.receive(headersOf(response) + text);
    tag = response.headers.get("ETag") ?? tag;
    if (response.status === 200) {
      meter.take(JSON.parse(text));
    }
    if (!leaving.signal.aborted) {
      setTimeout(() => next().catch(fail), pause);
    }
  };
  const fail = (error) => leaving.signal.aborted || meter.fail(error);
  next().catch(fail);
  return () => leaving.abort();
}

/** As a page sees them; each request costs them anew. */
const headersOf = (response) => [...response.headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
