using System.Text.RegularExpressions;
using LexIntel.Progress.AspNetCore.Tests.Access;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Testing;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.AspNetCore.Tests.Attacks;

/// <summary>Not beside other tests: memory is measured.</summary>
[CollectionDefinition(nameof(AttackTests), DisableParallelization = true)]
[Collection(nameof(AttackTests))]
public sealed partial class AttackTests
{
    /// <summary>Before the memory is measured, and once more after it. All of them within a day of the host's clock, which is how long its states live.</summary>
    private const int Rounds = 6;

    private const string Secret = "canary-9d1f";
    private const string Hidden = "canary-77aa";
    private const string Canary = "canary-text";
    private const string Shared = "shared";
    private const string EventSource = "Accept: text/event-stream\r\n";
    private const string Handshake = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    [Fact]
    public async Task Attackers_hour_shows_no_protected_state_crashes_nothing_and_leaves_no_memory()
    {
        await using var host = await SignedInHost.StartAsync(CookieAuthenticationDefaults.AuthenticationScheme, configure: options => options.MaxNewStreamsPerSecondPerUser = 500, logs: LogLevel.Error);
        host.Readers.Grant("mallory", "own", "slow", $"batch {Shared}");
        await host.PublishAsync(new("own", "a", 10));
        await host.PublishAsync(new(Secret, Canary, 10, Canary) { BatchId = Secret });
        await host.PublishAsync(new(Hidden, Canary, 10, Canary) { Status = ProgressStatus.Failed, ErrorMessage = Canary, BatchId = Shared });
        await Eventually.GetAsync(async () => await host.Host.Services.GetRequiredService<IProgressSubscriber>().GetBatchAsync(Shared), batch => batch?.Failed == 1, "the batch");
        // The first rounds fill caches and pools, some of them a thread each: the level is flat after some ten (80 were tried, 3.37 to 3.40 MB from the twentieth on).
        for (var round = 0; round < Rounds; round++)
            await RoundAsync(host);

        var before = await LevelAsync(host);

        for (var round = 0; round < Rounds; round++)
            await RoundAsync(host);

        var after = await Eventually.GetAsync(() => LevelAsync(host), level => level <= before * 1.1, $"no more than 10 % above {before:N0} bytes");
        TestContext.Current.TestOutputHelper?.WriteLine($"Managed memory before {before:N0}, after {after:N0} bytes.");
        await using var stream = await host.StreamAsync("own", await host.CookieAsync("mallory"));
        Assert.Contains("\"document_id\":\"own\"", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        Assert.Empty(host.Logger.Messages);
    }

    [Fact]
    public async Task Random_ids_cannot_exhaust_topics()
    {
        const int most = 50;
        await using var host = await TestHost.StartAsync(
            progress => progress.Services.Configure<ProgressOptions>(options => (options.Linger, options.QuietInterval) = (TimeSpan.Zero, TimeSpan.FromMilliseconds(100))),
            options => options.MaxTopics = most);
        var hub = host.Services.GetRequiredService<ProgressHub>();
        using (var intruder = new Intruder(host.Address))
        {
            for (var i = 0; i < most; i++)
                await intruder.LeaveOpenAsync(intruder.Request("GET", $"/progress/documents/{Guid.NewGuid()}/stream", EventSource));
            await Eventually.TrueAsync(() => hub.TopicCount == most, "all topics that there may be");

            for (var i = 0; i < 200; i++)
                Assert.Contains("too-many-documents", await intruder.AskAsync("GET", $"/progress/documents/{Guid.NewGuid()}/stream", EventSource), StringComparison.Ordinal);
            Assert.Equal(most, hub.TopicCount);
        }

        await Eventually.TrueAsync(() => hub.TopicCount == 0, "no topic any more");
        await using var stream = await host.StreamAsync("doc");
        Assert.Contains("connected", await stream.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("%0d%0aSet-Cookie:%20a=b")]
    [InlineData("%0a%0aevent:%20bye%0adata:%20{}%0a%0a")]
    [InlineData("a%00b")]
    [InlineData("%c2%85")]
    [InlineData("%e2%80%a8event:%20bye")]
    [InlineData("%ff")]
    [InlineData("%22%7d%0a")]
    public async Task Injection_by_id_and_Last_Event_ID_makes_no_header_and_no_line(string poison)
    {
        await using var host = await TestHost.StartAsync();
        using var intruder = new Intruder(host.Address);

        foreach (var target in (string[])[$"/progress/documents/{poison}/status", $"/progress/documents/x/status?lastEventId={poison}"])
        {
            var answer = await intruder.AskAsync("GET", target);
            Assert.Matches("^HTTP/1.1 (200|400) ", answer);
        }

        await using var one = await SseConnection.OpenAsync(host.Address, $"/progress/documents/{poison}/stream");
        await using var many = await SseConnection.OpenAsync(host.Address, $"/progress/stream?documents={poison}&documents=x&lastEventId={poison}");
        foreach (var stream in (SseConnection[])[one, many])
        {
            Assert.DoesNotContain("Set-Cookie", stream.Head, StringComparison.OrdinalIgnoreCase);
            if (stream.Status != 200)
                continue;
            await stream.ReadBlockAsync();
            Assert.Matches(Block(), await stream.ReadBlockAsync());
        }
    }

    [Fact]
    public async Task Injection_by_every_field_of_an_update_makes_no_line()
    {
        const string poison = "\r\n\r\nevent: bye\ndata: {}\n\nid: 1-1\rretry: 1\u2028\u0085\0\"}";
        await using var host = await TestHost.StartAsync();
        var id = "\u2028\"}{event: bye";
        await using var stream = await host.StreamAsync(id);
        await using var many = await SseConnection.OpenAsync(host.Address, $"/progress/stream?documents={Uri.EscapeDataString(id)}&documents=x");
        await using var batch = await SseConnection.OpenAsync(host.Address, $"/progress/batches/{Uri.EscapeDataString(id)}/stream");
        await using var socket = await SocketClient.OpenAsync(host.Address);
        await socket.SendAsync(System.Text.Json.JsonSerializer.Serialize(new { watch = new Dictionary<string, string?> { [id] = poison }, watch_batches = new Dictionary<string, string?> { [id] = poison } }));
        foreach (var status in (ProgressStatus[])[ProgressStatus.Processing, ProgressStatus.Retrying, ProgressStatus.Failed])
            await host.PublishAsync(new(id, poison, 10, poison) { Status = status, ErrorMessage = status == ProgressStatus.Processing ? null : poison, BatchId = id });

        var blocks = await stream.ReadToEndAsync();
        Assert.All(await batch.ReadToEndAsync(), block => Assert.Matches(Block(), block));
        // Every message is one JSON object, or reading it throws.
        while ((await socket.ReadNewsAsync()).TryGetProperty("event", out _))
        {
        }

        Assert.Contains(blocks, block => block.Contains("error_message", StringComparison.Ordinal));
        Assert.All(blocks, block => Assert.Matches(Block(), block));
        string? last;
        do
        {
            last = await many.ReadBlockAsync();
            Assert.Matches(Block(), last);
        }
        while (!last!.Contains("failed", StringComparison.Ordinal));
    }

    /// <summary>Everything that an attacker with an account does, bounded in count.</summary>
    private static async Task RoundAsync(SignedInHost host)
    {
        using var intruder = new Intruder(host.Host.Address);
        var cookie = await host.CookieAsync("mallory") + "\r\n";

        await AskForForeignIdsAsync(intruder, cookie);
        await AskForBatchesAsync(intruder, cookie);
        await MixForeignIdsWithOwnAsync(host, intruder, cookie);
        await AskBySocketAsync(host, intruder);
        await FloodAsync(intruder, await host.CookieAsync("flooder") + "\r\n");
        await HoldHalfOpenAsync(intruder, cookie);
        await ReadSlowlyAsync(host, intruder, cookie);
        await StayPastTheEndAsync(host, intruder, cookie);

        intruder.Reset();
        Assert.All(intruder.Heard, heard =>
        {
            Assert.DoesNotContain(Canary, heard, StringComparison.Ordinal);
            Assert.DoesNotContain(Hidden, heard, StringComparison.Ordinal);
        });
    }

    private static async Task AskForForeignIdsAsync(Intruder intruder, string cookie)
    {
        string[] spellings =
        [
            Secret, Uri.HexEscape('c') + Secret[1..], Secret + "/", Secret + "?documents=own", $"own/../{Secret}", $"own%2F..%2F{Secret}", $"{Secret};x=1", $"{Secret}%00", $"{Secret}%20", $"./{Secret}",
            Secret.ToUpperInvariant(), $"own%5C..%5C{Secret}", $"%2e%2e%2f{Secret}", $"{Secret}%23", "*", "%2A", "canary-%3F%3F%3F%3F", "[c]anary-9d1f",
        ];
        foreach (var spelling in spellings)
        {
            foreach (var end in (string[])["stream", "status"])
            {
                foreach (var headers in (string[])[cookie + EventSource, EventSource, "X-Original-URL: /progress/documents/own/status\r\n" + cookie, "X-Forwarded-User: anna\r\nAuthorization: Bearer e30.e30.\r\n"])
                    Assert.Matches("^HTTP/1.1 (400|401|403|404) ", await intruder.AskAsync("GET", $"/progress/documents/{spelling}/{end}", headers));
            }
        }
    }

    /// <summary>Who may see a batch with documents of others in it sees its totals, and none of their ids.</summary>
    private static async Task AskForBatchesAsync(Intruder intruder, string cookie)
    {
        foreach (var end in (string[])["stream", "status", "status?wait=20"])
        {
            Assert.StartsWith("HTTP/1.1 403 ", await intruder.AskAsync("GET", $"/progress/batches/{Secret}/{end}", cookie), StringComparison.Ordinal);
            Assert.Contains("\"failed\":1,", await intruder.AskAsync("GET", $"/progress/batches/{Shared}/{end}", cookie), StringComparison.Ordinal);
        }
    }

    private static async Task AskBySocketAsync(SignedInHost host, Intruder intruder)
    {
        var cookie = host.Cookie!;
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => SocketClient.OpenAsync(host.Host.Address, "https://evil.example", cookie));
        await using var socket = await SocketClient.OpenAsync(host.Host.Address, header: cookie);
        await socket.SendAsync($$$"""{"watch":{"own":null,"{{{Secret}}}":"1-1"},"watch_batches":{"{{{Shared}}}":null,"{{{Secret}}}":null},"unwatch":["{{{Secret}}}"],"unwatch_batches":["{{{Secret}}}"]}""");
        await host.PublishAsync(new(Secret, Canary, 20, Canary) { BatchId = Secret });
        await socket.SendAsync("""{"ping":1}""");
        List<string> heard = [];
        string[] expected = ["\"pong\"", "\"document_id\":\"own\"", $"\"batch_id\":\"{Shared}\"", $$"""{"event":"denied","document_id":"{{Secret}}","status":403}""", $$"""{"event":"denied","batch_id":"{{Secret}}","status":403}"""];
        while (!expected.All(part => heard.Exists(message => message.Contains(part, StringComparison.Ordinal))))
            heard.Add((await socket.ReadNewsAsync()).GetRawText());
        intruder.Hear(string.Concat(heard));

        // More commands than there may be, and junk: each is refused, and the socket goes on.
        for (var i = 0; i < 100; i++)
            await socket.SendAsync(i % 2 == 0 ? $$$"""{"watch":{"{{{Guid.NewGuid()}}}":null}}""" : $$"""{"{{Secret}}""");
    }

    private static async Task MixForeignIdsWithOwnAsync(SignedInHost host, Intruder intruder, string cookie)
    {
        var body = $$$"""{"documents":{"own":null,"{{{Secret}}}":"1-1"}}""";
        foreach (var request in (string[])
        [
            intruder.Request("GET", $"/progress/stream?documents=own&documents={Secret}", cookie + EventSource),
            intruder.Request("GET", $"/progress/stream?documents={Secret}&documents=own&documents={Secret}&lastEventId=0-0-end", cookie + EventSource),
            intruder.Request("POST", "/progress/stream", cookie + EventSource, body),
        ])
        {
            var socket = await intruder.LeaveOpenAsync(request);
            await host.PublishAsync(new(Secret, Canary, 20, Canary));
            var heard = "";
            var buffer = new byte[4096];
            while (!heard.Contains("\"progress\":", StringComparison.Ordinal))
            {
                var read = await socket.GetStream().ReadAsync(buffer).AsTask().WithinAsync("the own document's state");
                Assert.NotEqual(0, read);
                heard += System.Text.Encoding.UTF8.GetString(buffer, 0, read);
            }

            Assert.Contains($$"""data: {"document_id":"{{Secret}}","status":403}""", heard, StringComparison.Ordinal);
            Assert.DoesNotContain(Canary, heard, StringComparison.Ordinal);
        }

        foreach (var junk in (string[])["", "{", "[]", "null", "{\"documents\":[]}", "{\"documents\":{}}", $$$"""{"documents":{"{{{Secret}}}":1}}""", $$$"""{"documents":{"{{{Secret}}}":null}} {""", new string('[', 10_000)])
            Assert.Matches("^HTTP/1.1 (400|403) ", await intruder.AskAsync("POST", "/progress/stream", cookie + (junk.Length == 0 ? "Content-Type: application/json\r\nContent-Length: 0\r\n" : ""), junk));
        intruder.Reset();
    }

    private static async Task FloodAsync(Intruder intruder, string cookie) =>
        await Parallel.ForAsync(0, 600, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
            Assert.Matches("^HTTP/1.1 (200|401|403|429) ", await intruder.AskAsync("GET", $"/progress/documents/{Guid.NewGuid()}/stream", (i % 2 == 0 ? cookie : "") + (i % 4 < 2 ? EventSource : ""))));

    /// <summary>Requests, bodies, sockets and messages that are begun and never finished.</summary>
    private static async Task HoldHalfOpenAsync(Intruder intruder, string cookie)
    {
        for (var i = 0; i < 100; i++)
            await intruder.LeaveOpenAsync(intruder.Request("GET", "/progress/documents/own/stream")[..(i % 60)]);
        for (var i = 0; i < 20; i++)
        {
            await intruder.LeaveOpenAsync(intruder.Request("POST", "/progress/stream", cookie, """{"documents":{"own":null}}""")[..^(1 + i)]);
            await intruder.LeaveOpenAsync(intruder.Request("GET", "/progress/socket", cookie + Handshake) + "\u0001"[..(i % 2)]);
        }

        intruder.Reset();
    }

    private static async Task ReadSlowlyAsync(SignedInHost host, Intruder intruder, string cookie)
    {
        for (var i = 0; i < 40; i++)
            await intruder.LeaveOpenAsync(intruder.Request("GET", "/progress/documents/slow/stream", cookie + EventSource));
        for (var i = 0; i < 300; i++)
            await host.Host.Publisher.PublishAsync(new("slow", "a", i % 99, new string('x', 2_000)));
        await host.PublishAsync(new("slow", "a", 99, "y"));
        intruder.Reset();
    }

    private static async Task StayPastTheEndAsync(SignedInHost host, Intruder intruder, string cookie)
    {
        var lent = $"lent-{Guid.NewGuid()}";
        host.Readers.Grant("mallory", lent);
        await host.PublishAsync(new(lent, "a", 10));
        var socket = await intruder.LeaveOpenAsync(intruder.Request("GET", $"/progress/documents/{lent}/stream", cookie + EventSource + "Connection: close\r\n"));
        await Eventually.TrueAsync(() => socket.Available > 0, "the stream");

        host.Time.Advance(SignedInHost.Lifetime);
        await host.PublishAsync(new(lent, Canary, 20, Canary));

        Assert.Contains("auth-expired", await intruder.HearToEndAsync(socket), StringComparison.Ordinal);
    }

    /// <summary>Managed memory when everything that was held has been given back.</summary>
    private static async Task<long> LevelAsync(SignedInHost host)
    {
        var hub = host.Host.Services.GetRequiredService<ProgressHub>();
        await Eventually.TrueAsync(
            () =>
            {
                host.Time.Advance(TimeSpan.FromSeconds(1));
                return hub.TopicCount == 0;
            },
            "no topic any more");
        // The test's own books.
        lock (host.Host.Requests)
            host.Host.Requests.Clear();
        var least = long.MaxValue;
        for (var i = 0; i < 5; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
            least = Math.Min(least, GC.GetTotalMemory(forceFullCollection: true));
        }

        return least;
    }

    [GeneratedRegex(@"\A(retry: [0-9]+|(id: [0-9]+-[0-9]+(-end)?\n)?(event: [a-z]+\n)?data: \{.*\})\z")]
    private static partial Regex Block();
}
