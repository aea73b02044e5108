/** @typedef {import('./browser.js').Context} Context */

const LONGEST_RETRY_AFTER = 300_000;

/**
 * A request as the page's user. A token that is refused is asked for once more.
 * @param {Context} context
 * @param {string} url
 * @param {AbortSignal} signal
 * @param {Record<string, string>} headers
 * @param {RequestInit} [more]
 */
export async function send({ getToken, credentials, browser }, url, signal, headers, more) {
  for (let isAgain = false; ; isAgain = true) {
    const token = await getToken?.(isAgain);
    const response = await browser.fetch(url, {
      cache: 'no-store',
      credentials,
      signal,
      headers: { ...headers, ...(token && { Authorization: `Bearer ${token}` }) },
      ...more,
    });
    if (response.status != 401 || !getToken || isAgain) {
      return response;
    }
  }
}

/**
 * How long the server asks us to stay away, in milliseconds (RFC 9110, 10.2.3: seconds or a date).
 * @param {Response} response
 * @param {import('./browser.js').Browser} browser
 */
export function retryAfter(response, browser) {
  const text = response.headers.get('Retry-After') ?? '';
  return Math.min(Math.max(+text * 1000 || Date.parse(text) - browser.Date.now() || 0, 0), LONGEST_RETRY_AFTER);
}
