using LexIntel.Progress.Testing;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.AspNetCore.Tests.Access;

/// <summary>What becomes of an open stream when its user may no longer see what it shows.</summary>
public sealed class RecheckTests
{
    private const string Heartbeat = "event: heartbeat\ndata: {}";
    private const string Canary = "canary-of-a-secret";
    private const string Cookies = CookieAuthenticationDefaults.AuthenticationScheme;
    private const string Bearer = JwtBearerDefaults.AuthenticationScheme;

    [Theory]
    [InlineData(Cookies)]
    [InlineData(Bearer)]
    public async Task User_sees_granted_documents_another_is_403_and_nobody_is_401(string scheme)
    {
        await using var host = await SignedInHost.StartAsync(scheme);
        host.Readers.Grant("anna", "doc");
        await host.PublishAsync(new("doc", "a", 10));

        await using var granted = await host.StreamAsync("doc", await HeaderAsync(host, scheme, "anna"));
        Assert.Contains("\"progress\":10,", await granted.ReadNewsAsync(), StringComparison.Ordinal);
        await using var other = await host.StreamAsync("doc", await HeaderAsync(host, scheme, "berta"));
        Assert.Equal(403, other.Status);
        await using var nobody = await host.StreamAsync("doc", "X-Nothing: 1");
        Assert.Equal(401, nobody.Status);
        Assert.Equal(scheme == Bearer, nobody.Head.Contains("WWW-Authenticate: Bearer", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Cookies)]
    [InlineData(Bearer)]
    public async Task RequireAuthorization_alone_answers_401_and_never_sends_a_stream_to_a_page_for_signing_in(string scheme)
    {
        await using var host = await SignedInHost.StartAsync(scheme, endpoints => endpoints.RequireAuthorization());

        await using var nobody = await host.StreamAsync("doc", "X-Nothing: 1");
        Assert.Equal(401, nobody.Status);
        await using var user = await host.StreamAsync("doc", await HeaderAsync(host, scheme, "anna"));
        Assert.Equal(200, user.Status);
    }

    [Theory]
    [InlineData(Cookies)]
    [InlineData(Bearer)]
    public async Task Withdrawn_access_ends_the_stream_without_another_state(string scheme)
    {
        await using var host = await SignedInHost.StartAsync(scheme);
        host.Readers.Grant("anna", "doc");
        await host.PublishAsync(new("doc", "a", 10));
        var header = await HeaderAsync(host, scheme, "anna");
        await using var stream = await host.StreamAsync("doc", header);
        await stream.ReadNewsAsync();

        // The state comes while the check is under way: between being noticed and the end of the stream.
        host.Readers.Withdraw("anna", "doc");
        host.Readers.During = _ => host.PublishAsync(new("doc", "a", 20, Canary));
        host.Time.Advance(TimeSpan.FromMinutes(1));

        var blocks = await stream.ReadToEndAsync();
        Assert.DoesNotContain(blocks, block => block.Contains(Canary, StringComparison.Ordinal));
        Assert.StartsWith("retry: ", blocks[^2], StringComparison.Ordinal);
        Assert.Equal("event: bye\ndata: {\"reason\":\"denied\"}", blocks[^1]);
        host.Readers.During = null;
        await using var again = await host.StreamAsync("doc", header);
        Assert.Equal(403, again.Status);
    }

    [Fact]
    public async Task Access_that_stays_keeps_the_stream_open()
    {
        await using var host = await SignedInHost.StartAsync(Cookies);
        host.Readers.Grant("anna", "doc");
        await using var stream = await host.StreamAsync("doc", await host.CookieAsync("anna"));
        await stream.ReadNewsAsync();
        var checks = 0;
        host.Readers.During = _ => Task.FromResult(Interlocked.Increment(ref checks));

        for (var minute = 1; minute <= 3; minute++)
        {
            host.Time.Advance(TimeSpan.FromMinutes(1));
            await Eventually.TrueAsync(() => Volatile.Read(ref checks) >= minute, $"check {minute}");
        }

        await host.PublishAsync(new("doc", "a", 30));
        Assert.Contains("\"progress\":30,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Slow_checks_of_many_documents_are_not_silent()
    {
        await using var host = await SignedInHost.StartAsync(Cookies);
        host.Readers.Grant("anna", "a", "b", "c");
        await using var stream = await host.StreamManyAsync(await host.CookieAsync("anna"), "a", "b", "c");
        Assert.StartsWith("retry: ", await stream.ReadBlockAsync(), StringComparison.Ordinal);
        Assert.Equal(Heartbeat, await stream.ReadBlockAsync());
        var last = new TaskCompletionSource();
        var checks = 0;
        host.Readers.During = async _ =>
        {
            // As long as a stream may be silent.
            host.Time.Advance(TimeSpan.FromSeconds(15));
            if (++checks == 3)
                await last.Task;
        };

        host.Time.Advance(TimeSpan.FromMinutes(1));
        for (var check = 1; check <= 3; check++)
            Assert.Equal(Heartbeat, await stream.ReadBlockAsync());

        last.SetResult();
        host.Readers.During = null;
        await host.PublishAsync(new("b", "a", 30));
        Assert.Contains("\"progress\":30,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_of_the_endpoint_is_asked_again_too()
    {
        await using var host = await SignedInHost.StartAsync(Cookies, endpoints => endpoints.RequireAuthorization("not blocked"));
        await using var stream = await host.StreamAsync("doc", await host.CookieAsync("anna"));
        await stream.ReadNewsAsync();

        host.Readers.Blocked["anna"] = true;
        host.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("event: bye\ndata: {\"reason\":\"denied\"}", (await stream.ReadToEndAsync())[^1]);
    }

    [Fact]
    public async Task Check_that_fails_while_a_stream_is_open_sends_the_client_away_for_the_moment_and_it_comes_back_without_a_gap()
    {
        await using var host = await SignedInHost.StartAsync(Cookies);
        host.Readers.Grant("anna", "doc");
        await host.PublishAsync(new("doc", "a", 10));
        var cookie = await host.CookieAsync("anna");
        await using var stream = await host.StreamAsync("doc", cookie);
        await stream.ReadNewsAsync();

        host.Readers.During = _ => throw new TimeoutException("The database is away.");
        host.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("event: bye\ndata: {\"reason\":\"access-undecided\"}", (await stream.ReadToEndAsync())[^1]);

        host.Readers.During = null;
        await using var again = await host.StreamAsync("doc", cookie);
        Assert.Contains("\"progress\":10,", await again.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Cookies)]
    [InlineData(Bearer)]
    public async Task End_of_the_ticket_ends_the_stream_and_the_client_that_returns_is_401(string scheme)
    {
        await using var host = await SignedInHost.StartAsync(scheme, configure: options => options.AccessRecheckInterval = TimeSpan.FromDays(1));
        host.Readers.Grant("anna", "doc");
        var header = await HeaderAsync(host, scheme, "anna");
        await using var stream = await host.StreamAsync("doc", header);
        await stream.ReadNewsAsync();

        host.Time.Advance(SignedInHost.Lifetime);
        await host.PublishAsync(new("doc", "a", 20, Canary));

        var blocks = await stream.ReadToEndAsync();
        Assert.DoesNotContain(blocks, block => block.Contains(Canary, StringComparison.Ordinal));
        Assert.Equal("event: bye\ndata: {\"reason\":\"auth-expired\"}", blocks[^1]);
        // A bearer token's end has a tolerance of minutes in the framework; a stream that would end at once is not begun.
        await using var again = await host.StreamAsync("doc", header);
        Assert.Equal(401, again.Status);
    }

    [Fact]
    public async Task Tokens_stand_in_no_log_and_no_answer()
    {
        await using var host = await SignedInHost.StartAsync(Bearer, logs: LogLevel.Trace);
        host.Readers.Grant("anna", "doc");
        await host.PublishAsync(new("doc", "a", 10));
        var header = host.Bearer("anna");
        var signature = header[(header.LastIndexOf('.') + 1)..];
        await using var stream = await host.StreamAsync("doc", header);
        var heard = await stream.ReadNewsAsync();
        await using var refused = await host.StreamAsync("other", header);
        heard += refused.Head + await refused.ReadRestAsync();
        host.Readers.Withdraw("anna", "doc");
        host.Time.Advance(TimeSpan.FromMinutes(1));
        heard += string.Concat(await stream.ReadToEndAsync());

        Assert.DoesNotContain(signature, heard, StringComparison.Ordinal);
        Assert.NotEmpty(host.Logger.Named("AccessRefused"));
        Assert.All(host.Logger.Messages, message => Assert.DoesNotContain(signature, message.Text + message.Exception, StringComparison.Ordinal));
    }

    private static async Task<string> HeaderAsync(SignedInHost host, string scheme, string name) => scheme == Cookies ? await host.CookieAsync(name) : host.Bearer(name);
}
