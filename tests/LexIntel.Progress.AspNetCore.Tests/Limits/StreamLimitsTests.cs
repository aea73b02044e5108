using System.Net;
using System.Security.Claims;
using LexIntel.Progress.Diagnostics;
using LexIntel.Progress.Hub;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LexIntel.Progress.AspNetCore.Tests.Limits;

public sealed class StreamLimitsTests : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public StreamLimitsTests()
    {
        var services = new ServiceCollection();
        services.AddLexIntelProgress();
        _services = services.BuildServiceProvider();
    }

    [Fact]
    public void TryEnter_more_streams_than_a_user_may_have_is_refused_until_one_ends()
    {
        using var limits = Create(new() { MaxStreamsPerUser = 2 });
        var first = Enter(limits, User("anna"));
        using var second = Enter(limits, User("anna"));

        Assert.Equal(("too-many-streams", 429), Refused(limits, User("anna")));
        using var other = Enter(limits, User("berta"));
        first.Dispose();
        using var third = Enter(limits, User("anna"));
    }

    [Fact]
    public void TryEnter_same_name_of_another_issuer_is_another_user()
    {
        using var limits = Create(new() { MaxStreamsPerUser = 1 });
        using var first = Enter(limits, User("1", issuer: "https://one.example"));
        using var second = Enter(limits, User("1", issuer: "https://two.example"));

        Assert.Equal(("too-many-streams", 429), Refused(limits, User("1", issuer: "https://one.example")));
    }

    [Fact]
    public void TryEnter_by_default_anonymous_clients_of_one_address_are_not_limited_nor_kept_books_of()
    {
        using var limits = Create(new());
        for (var i = 0; i < 40_000; i++)
            Enter(limits, Address("10.0.0.1"));

        Assert.Equal(0, limits.ClientCount);
    }

    [Fact]
    public void TryEnter_more_streams_than_an_address_may_have_is_refused()
    {
        using var limits = Create(new() { MaxStreamsPerAddress = 1 });
        using var first = Enter(limits, Address("10.0.0.1"));

        Assert.Equal(("too-many-streams", 429), Refused(limits, Address("10.0.0.1")));
        Assert.Equal(("too-many-streams", 429), Refused(limits, Address("::ffff:10.0.0.1")));
        using var second = Enter(limits, Address("10.0.0.2"));
        // A signed-in user is counted by name, wherever from.
        using var user = Enter(limits, User("anna", "10.0.0.1"));
    }

    [Fact]
    public void TryEnter_addresses_of_one_IPv6_network_count_as_one()
    {
        using var limits = Create(new() { MaxStreamsPerAddress = 1 });
        using var first = Enter(limits, Address("2001:db8:1:2::1"));

        Assert.Equal(("too-many-streams", 429), Refused(limits, Address("2001:db8:1:2:ffff::9")));
        using var second = Enter(limits, Address("2001:db8:1:3::1"));
    }

    [Fact]
    public void TryEnter_more_streams_than_the_host_may_have_is_refused_with_503()
    {
        using var limits = Create(new() { MaxStreams = 2 });
        using var first = Enter(limits, Address("10.0.0.1"));
        using var second = Enter(limits, User("anna"));

        Assert.Equal(("too-many-streams", 503), Refused(limits, Address("10.0.0.2")));
    }

    [Fact]
    public void TryEnter_more_new_streams_a_second_than_a_user_may_open_is_refused()
    {
        using var limits = Create(new() { MaxNewStreamsPerSecondPerUser = 3 });

        Assert.Equal(("rate", 429), UntilRefused(limits, () => User("anna")));
        using var other = Enter(limits, User("berta"));
    }

    [Fact]
    public void TryEnter_more_new_streams_a_second_than_an_address_may_open_is_refused()
    {
        using var limits = Create(new() { MaxNewStreamsPerSecondPerAddress = 3 });

        Assert.Equal(("rate", 429), UntilRefused(limits, () => Address("10.0.0.1")));
        using var other = Enter(limits, Address("10.0.0.2"));
    }

    [Fact]
    public void TryEnter_more_new_streams_a_second_than_the_host_takes_is_refused_with_503()
    {
        using var limits = Create(new() { MaxNewStreamsPerSecond = 3 });

        Assert.Equal(("rate", 503), UntilRefused(limits, () => User("anna")));
    }

    [Fact]
    public void TryWatch_more_documents_than_a_user_may_watch_is_refused_and_one_on_two_streams_counts_once()
    {
        using var limits = Create(new() { MaxTopicsPerUser = 2 });
        using var first = Enter(limits, User("anna"));
        using var second = Enter(limits, User("anna"));
        Assert.Null(first.TryWatch("a"));
        Assert.Null(second.TryWatch("a"));
        Assert.Null(second.TryWatch("b"));

        Assert.Equal(("too-many-documents", 429), Words(first.TryWatch("c")));
        second.Unwatch("a");
        Assert.Equal(("too-many-documents", 429), Words(first.TryWatch("c")));
        second.Unwatch("b");
        Assert.Null(first.TryWatch("c"));
    }

    [Fact]
    public void Dispose_gives_back_the_documents_and_forgets_the_client()
    {
        using var limits = Create(new() { MaxTopicsPerUser = 1 });
        var first = Enter(limits, User("anna"));
        Assert.Null(first.TryWatch("a"));
        Assert.Equal(1, limits.ClientCount);

        first.Dispose();

        Assert.Equal(0, limits.ClientCount);
        using var second = Enter(limits, User("anna"));
        Assert.Null(second.TryWatch("b"));
    }

    [Fact]
    public void TryWatch_more_documents_than_the_host_may_watch_is_refused_unless_the_document_is_watched_already()
    {
        var hub = _services.GetRequiredService<ProgressHub>();
        using var limits = Create(new() { MaxTopics = 1 });
        using var permit = Enter(limits, User("anna"));
        using var watch = hub.Join("a", new(), after: null);

        Assert.Equal(("too-many-documents", 503), Words(permit.TryWatch("b")));
        Assert.Null(permit.TryWatch("a"));
        // What was refused is not counted against the user either.
        Assert.Equal(("too-many-documents", 503), Words(permit.TryWatch("b")));
    }

    [Fact]
    public void TryEnter_refusals_leave_nothing_behind()
    {
        using var limits = Create(new() { MaxStreams = 1, MaxStreamsPerAddress = 1 });
        using var first = Enter(limits, Address("10.0.0.1"));
        for (var i = 0; i < 200; i++)
            Refused(limits, Address($"10.0.1.{i}"));

        Assert.Equal(1, limits.ClientCount);
    }

    public async ValueTask DisposeAsync() => await _services.DisposeAsync();

    private StreamLimits Create(ProgressStreamOptions options)
    {
        options.Validate();
        return new(_services.GetRequiredService<ProgressHub>(), options, _services.GetRequiredService<ProgressMetrics>(), NullLogger<StreamLimits>.Instance);
    }

    private static StreamPermit Enter(StreamLimits limits, HttpContext context)
    {
        Assert.True(limits.TryEnter(context, out var permit, out var limit), limit?.Detail);
        return permit;
    }

    private static (string, int) Refused(StreamLimits limits, HttpContext context)
    {
        Assert.False(limits.TryEnter(context, out _, out var limit));
        return Words(limit);
    }

    /// <summary>Tokens come back while a slow machine asks, but never as fast as a loop takes them.</summary>
    private static (string, int) UntilRefused(StreamLimits limits, Func<HttpContext> context)
    {
        for (var i = 0; i < 1_000; i++)
        {
            if (!limits.TryEnter(context(), out var permit, out var limit))
                return Words(limit);
            permit.Dispose();
        }

        return ("never refused", 0);
    }

    private static (string, int) Words(Limit? limit) => limit is null ? ("no limit", 0) : (limit.Reason, limit.Status);

    private static DefaultHttpContext Address(string address) => new() { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };

    private static DefaultHttpContext User(string name, string address = "10.0.0.9", string issuer = ClaimsIdentity.DefaultIssuer)
    {
        var context = Address(address);
        context.User = new(new ClaimsIdentity([new("sub", name, null, issuer)], "test"));
        return context;
    }
}
