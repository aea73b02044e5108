namespace LexIntel.Progress.TestSite;

/// <summary>
/// Shows the documents of the query with the custom element, and writes down what comes: <c>/?documents=a,b&amp;identity=ada</c>.
/// A server's heartbeat of one second makes everything that depends on it quick.
/// </summary>
internal static class Page
{
    public const string Html =
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <title>Test site</title>
        <link rel="icon" href="data:,">
        <main></main>
        <script type="module">
          import * as progress from '/_content/LexIntel.Progress.AspNetCore/lexintel-progress.js';

          const query = new URLSearchParams(location.search);
          progress.configureProgress({
            heartbeat: 1000, pollInterval: 500, pauseAfter: Infinity,
            identity: query.get('identity') ?? undefined,
            getToken: query.has('token') ? () => query.get('token') : undefined,
          });
          window.progress = progress;
          window.seen = {};
          window.ends = {};
          window.lifecycle = [];
          for (const name of ['freeze', 'resume']) {
            document.addEventListener(name, () => window.lifecycle.push(name));
          }
          for (const id of (query.get('documents') ?? '').split(',').filter(Boolean)) {
            const element = document.createElement('lexintel-progress');
            element.setAttribute('document-id', id);
            element.setAttribute('aria-label', id);
            element.addEventListener('progress', ({ detail }) => {
              const sights = (window.seen[id] ??= []);
              sights.push({ connection: detail.connection, progress: detail.state?.progress ?? null, status: detail.state?.status ?? null, error: detail.error?.status ?? null });
            });
            for (const name of ['completed', 'failed', 'refused']) {
              element.addEventListener(name, () => (window.ends[id] ??= []).push(name));
            }
            document.querySelector('main').append(element);
          }
          window.isReady = true;
        </script>
        </html>
        """;
}
