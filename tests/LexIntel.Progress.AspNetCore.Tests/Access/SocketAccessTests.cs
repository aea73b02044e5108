using System.Net.WebSockets;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;

namespace LexIntel.Progress.AspNetCore.Tests.Access;

/// <summary>Access checks and limits on a WebSocket.</summary>
public sealed class SocketAccessTests
{
    private const string Canary = "canary-of-a-secret";

    [Fact]
    public async Task Denied_document_is_said_to_be_and_the_rest_goes_on()
    {
        await using var host = await StartAsync("mine");
        await host.PublishAsync(new("theirs", Canary, 10, Canary));
        await host.PublishAsync(new("mine", "a", 10));
        await using var socket = await OpenAsync(host);

        await socket.SendAsync("""{"watch":{"theirs":null,"mine":null}}""");

        Assert.Equal("""{"event":"denied","document_id":"theirs","status":403}""", (await socket.ReadNewsAsync()).GetRawText());
        Assert.Equal("mine", (await socket.ReadNewsAsync()).GetProperty("document_id").GetString());
    }

    [Fact]
    public async Task Batch_is_asked_for_as_a_resource_of_its_own_and_withdrawn_like_a_document()
    {
        await using var host = await StartAsync("theirs");
        host.Readers.Grant("anna", "batch lent");
        await host.PublishAsync(new("theirs", Canary, 10, Canary) { BatchId = "theirs" });
        await host.PublishAsync(new("mine", "a", 10) { BatchId = "lent" });
        await using var socket = await OpenAsync(host);

        await socket.SendAsync("""{"watch_batches":{"theirs":null,"lent":null}}""");
        Assert.Equal("""{"event":"denied","batch_id":"theirs","status":403}""", (await socket.ReadNewsAsync()).GetRawText());
        Assert.Equal("lent", (await socket.ReadNewsAsync()).GetProperty("batch_id").GetString());

        host.Readers.Withdraw("anna", "batch lent");
        host.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("""{"event":"denied","batch_id":"lent","status":403}""", (await socket.ReadNewsAsync()).GetRawText());
    }

    [Fact]
    public async Task Withdrawn_document_is_denied_without_another_state_and_the_socket_stays()
    {
        await using var host = await StartAsync("mine");
        host.Readers.Grant("anna", "lent");
        await host.PublishAsync(new("lent", "a", 10));
        await using var socket = await OpenAsync(host);
        await socket.SendAsync("""{"watch":{"lent":null}}""");
        await socket.ReadNewsAsync();

        host.Readers.Withdraw("anna", "lent");
        host.Readers.During = _ => host.PublishAsync(new("lent", Canary, 20, Canary));
        host.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("""{"event":"denied","document_id":"lent","status":403}""", (await socket.ReadNewsAsync()).GetRawText());

        host.Readers.During = null;
        await socket.SendAsync("""{"watch":{"lent":null}}""");
        Assert.Equal("denied", (await socket.ReadNewsAsync()).GetProperty("event").GetString());
        await host.PublishAsync(new("mine", "a", 30));
        await socket.SendAsync("""{"watch":{"mine":null}}""");
        Assert.Equal(30, (await socket.ReadNewsAsync()).GetProperty("progress").GetInt32());
    }

    [Fact]
    public async Task Slow_checks_of_many_documents_hold_back_neither_answers_nor_heartbeats()
    {
        await using var host = await StartAsync("b");
        var (second, third) = (new TaskCompletionSource(), new TaskCompletionSource());
        host.Readers.During = documentId => documentId switch
        {
            "b" => second.Task,
            "c" => third.Task,
            _ => Task.CompletedTask,
        };
        await using var socket = await OpenAsync(host);
        Assert.Equal("""{"event":"heartbeat"}""", await socket.ReadAsync());

        await socket.SendAsync("""{"watch":{"a":null,"b":null,"c":null},"ping":1}""");
        Assert.Equal("""{"event":"denied","document_id":"a","status":403}""", await socket.ReadAsync());
        host.Time.Advance(new ProgressStreamOptions().HeartbeatInterval);
        second.SetResult();
        Assert.Equal("""{"event":"heartbeat"}""", await socket.ReadAsync());
        third.SetResult();

        Assert.Equal("""{"event":"denied","document_id":"c","status":403}""", await socket.ReadAsync());
        Assert.Equal("""{"event":"pong","ping":1}""", await socket.ReadAsync());
    }

    [Fact]
    public async Task Policy_of_the_endpoint_is_asked_again_when_the_client_asks_for_more()
    {
        await using var host = await SignedInHost.StartAsync(CookieAuthenticationDefaults.AuthenticationScheme, endpoints => endpoints.RequireAuthorization("not blocked"));
        await host.PublishAsync(new("doc", "a", 10));
        await using var socket = await OpenAsync(host);
        await socket.SendAsync("""{"watch":{"doc":null}}""");
        await socket.ReadNewsAsync();

        host.Readers.Blocked["anna"] = true;
        await socket.SendAsync("""{"watch":{"doc":null}}""");

        Assert.Equal("""{"event":"denied","document_id":"doc","status":403}""", (await socket.ReadNewsAsync()).GetRawText());
    }

    [Fact]
    public async Task End_of_the_ticket_closes_the_socket()
    {
        await using var host = await StartAsync("mine");
        await using var socket = await OpenAsync(host);
        await socket.SendAsync("""{"ping":1}""");
        await socket.ReadNewsAsync();

        host.Time.Advance(SignedInHost.Lifetime);

        Assert.Equal("auth-expired", (await socket.ReadNewsAsync()).GetProperty("reason").GetString());
        Assert.Null(await socket.ReadAsync());
        // Who comes back is nobody to the host, and sees nothing.
        await using var again = await OpenAsync(host, host.Cookie);
        await again.SendAsync("""{"watch":{"mine":null}}""");
        Assert.Equal("""{"event":"denied","document_id":"mine","status":401}""", (await again.ReadNewsAsync()).GetRawText());
    }

    [Fact]
    public async Task Nobody_opens_no_socket_where_signing_in_is_required()
    {
        await using var host = await StartAsync("mine", endpoints => endpoints.RequireAuthorization());

        await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.OpenAsync(host.Host.Address));
    }

    [Fact]
    public async Task Socket_counts_as_a_stream_and_its_documents_count()
    {
        await using var host = await StartAsync("mine", endpoints => endpoints.RequireAuthorization(), options => (options.MaxStreamsPerUser, options.MaxTopicsPerUser) = (1, 2));
        await using var socket = await OpenAsync(host);
        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(host, host.Cookie));

        await socket.SendAsync("""{"watch":{"a":null,"b":null,"c":null},"ping":1}""");
        Assert.Equal("""{"event":"denied","document_id":"c","status":429}""", (await socket.ReadNewsAsync()).GetRawText());
        Assert.Equal("pong", (await socket.ReadNewsAsync()).GetProperty("event").GetString());
        await socket.SendAsync("""{"unwatch":["a"],"watch":{"b":null,"c":null},"ping":2}""");
        Assert.Equal("pong", (await socket.ReadNewsAsync()).GetProperty("event").GetString());
    }

    [Fact]
    public async Task Page_of_another_site_opens_no_socket_with_its_visitors_cookie()
    {
        await using var host = await StartAsync("mine");
        var cookie = await host.CookieAsync("anna");

        await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.OpenAsync(host.Host.Address, "https://evil.example", cookie));
    }

    private static async Task<SignedInHost> StartAsync(string granted, Action<IEndpointConventionBuilder>? protect = null, Action<ProgressStreamOptions>? configure = null)
    {
        var host = await SignedInHost.StartAsync(CookieAuthenticationDefaults.AuthenticationScheme, protect, configure);
        host.Readers.Grant("anna", granted);
        return host;
    }

    private static async Task<SocketClient> OpenAsync(SignedInHost host, string? cookie = null) =>
        await SocketClient.OpenAsync(host.Host.Address, header: cookie ?? await host.CookieAsync("anna"));
}
