using LexIntel.Progress.Testing;
using LexIntel.Progress.Testing.Browser;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>A page of another origin reads with its user's cookies, when the host's policy allows it, and not otherwise. A real Chromium.</summary>
public sealed class CorsTests(Chromium chromium)
{
    /// <summary>What such a page does: a stream with cookies, a POST stream, and status requests whose headers it reads.</summary>
    private const string Script =
        """
        async address => {
          const stream = await new Promise(resolve => {
            const source = new EventSource(`${address}/progress/documents/doc/stream`, { withCredentials: true });
            source.onmessage = ({ data }) => { source.close(); resolve(JSON.parse(data).progress); };
            source.onerror = () => { source.close(); resolve('refused'); };
          });
          const status = async headers => {
            try {
              const response = await fetch(`${address}/progress/documents/doc/status`, { credentials: 'include', headers });
              return [response.status, response.headers.get('ETag') !== null, response.headers.get('X-Progress-Source')].join(' ');
            } catch { return 'refused'; }
          };
          const first = await status({ Authorization: 'Bearer x', 'If-None-Match': '"0"', 'Last-Event-ID': '1-1' });
          let posted;
          try {
            const response = await fetch(`${address}/progress/stream`, { method: 'POST', credentials: 'include',
              headers: { 'Content-Type': 'application/json' }, body: '{"documents":{"doc":null}}' });
            posted = response.status;
            response.body.cancel();
          } catch { posted = 'refused'; }
          return [stream, first, posted].join(', ');
        }
        """;

    [Fact]
    public async Task Policy_of_the_docs_lets_a_page_of_another_origin_read_with_cookies()
    {
        Assert.Equal("10, 200 true live, 200", await RunAsync(isAllowed: true));
    }

    [Fact]
    public async Task Page_of_another_origin_reads_nothing_without_a_policy()
    {
        Assert.Equal("refused, refused, refused", await RunAsync(isAllowed: false));
    }

    private async Task<string> RunAsync(bool isAllowed)
    {
        await using var site = await TestHost.StartAsync();
        await using var host = await TestHost.StartAsync(
            progress =>
            {
                if (isAllowed)
                    progress.Services.AddCors(cors => cors.AddPolicy("pages", policy => policy.WithOrigins(site.Address.GetLeftPart(UriPartial.Authority)).AllowCredentials().WithProgressHeaders()));
            },
            use: app =>
            {
                if (isAllowed)
                    app.UseCors();
            },
            protect: endpoints =>
            {
                endpoints.AllowAnonymous();
                if (isAllowed)
                    endpoints.RequireCors("pages");
            });
        await host.PublishAsync(new("doc", "x", 10));
        await using var watched = await host.StreamAsync("doc");
        await watched.ReadNewsAsync();
        var page = await chromium.OpenAsync(new Uri(site.Address, "/progress/documents/doc/status"));
        return await page.EvaluateAsync<string>(Script, host.Address.GetLeftPart(UriPartial.Authority));
    }
}
