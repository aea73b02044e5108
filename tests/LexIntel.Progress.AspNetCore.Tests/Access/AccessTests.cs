using System.Collections.Concurrent;
using System.Net;
using LexIntel.Progress.Hub;
using LexIntel.Progress.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.AspNetCore.Tests.Access;

/// <summary>What an access check decides when a client comes.</summary>
public sealed class AccessTests
{
    private const string Canary = "canary-of-a-secret";

    [Theory]
    [InlineData(ProgressAccess.Forbidden, 403)]
    [InlineData(ProgressAccess.Unauthenticated, 401)]
    [InlineData(ProgressAccess.NotFound, 404)]
    [InlineData((ProgressAccess)99, 403)]
    public async Task Refused_client_gets_the_status_that_the_check_names_and_no_state(ProgressAccess access, int expected)
    {
        await using var host = await StartAsync((_, _) => new(access));
        await host.PublishAsync(new("doc", Canary, 10, Canary));

        foreach (var path in Paths("doc"))
        {
            await using var answer = await SseConnection.OpenAsync(host.Address, path);
            Assert.Equal(expected, answer.Status);
            Assert.Contains("Content-Type: application/problem+json", answer.Head, StringComparison.Ordinal);
            Assert.Contains("Cache-Control: no-store", answer.Head, StringComparison.Ordinal);
            Assert.DoesNotContain(Canary, await answer.ReadRestAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(0, host.Services.GetRequiredService<ProgressHub>().TopicCount);
    }

    [Fact]
    public async Task Allowed_client_gets_the_state()
    {
        await using var host = await StartAsync((_, _) => new(ProgressAccess.Allowed));
        await host.PublishAsync(new("doc", "a", 10));

        await using var stream = await host.StreamAsync("doc");
        Assert.Contains("\"progress\":10,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        Assert.Contains("\"progress\":10,", await host.Client.GetStringAsync("/progress/documents/doc/status"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_that_throws_denies_for_the_moment_and_is_logged()
    {
        var logger = new CollectingLogger();
        await using var host = await StartAsync((_, _) => throw new InvalidOperationException("The database is away."), logger: logger);
        await host.PublishAsync(new("doc", Canary, 10, Canary));

        using var status = await host.Client.GetAsync("/progress/documents/doc/status");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status.StatusCode);
        Assert.NotNull(status.Headers.RetryAfter);
        Assert.DoesNotContain(Canary, await status.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await using var stream = await host.StreamAsync("doc");
        // An EventSource would never come back after a 503.
        Assert.Equal(200, stream.Status);
        Assert.Collection(await stream.ReadToEndAsync(),
            retry => Assert.StartsWith("retry: ", retry, StringComparison.Ordinal),
            bye => Assert.Equal("event: bye\ndata: {\"reason\":\"access-undecided\"}", bye));
        await using var plain = await SseConnection.OpenAsync(host.Address, "/progress/documents/doc/stream", accept: "*/*");
        Assert.Equal(503, plain.Status);

        var message = await logger.WaitForAsync("AccessCheckFailed");
        Assert.Equal((LogLevel.Warning, "The database is away."), (message.Level, message.Exception?.Message));
    }

    [Fact]
    public async Task Check_that_does_not_answer_denies_for_the_moment()
    {
        await using var host = await StartAsync(
            async (_, _) =>
            {
                await new TaskCompletionSource().Task;
                return ProgressAccess.Allowed;
            },
            progress => progress.Services.Configure<ProgressOptions>(options => options.BackplaneTimeout = TimeSpan.FromMilliseconds(100)));

        using var status = await host.Client.GetAsync("/progress/documents/doc/status");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status.StatusCode);
    }

    [Fact]
    public async Task All_checks_have_to_allow()
    {
        var asked = new ConcurrentQueue<string>();
        await using var host = await TestHost.StartAsync(protect: endpoints => endpoints
            .RequireProgressAccess((_, _) => Answer("first", ProgressAccess.Allowed))
            .RequireProgressAccess((_, _) => Answer("second", ProgressAccess.Forbidden)));

        using var status = await host.Client.GetAsync("/progress/documents/doc/status");

        Assert.Equal(HttpStatusCode.Forbidden, status.StatusCode);
        Assert.Equal(["first", "second"], asked);

        ValueTask<ProgressAccess> Answer(string name, ProgressAccess access)
        {
            asked.Enqueue(name);
            return new(access);
        }
    }

    [Fact]
    public async Task Forbidden_as_not_found_looks_in_every_byte_like_a_document_that_does_not_exist()
    {
        await using var host = await StartAsync(
            (request, _) => new(request.Resource.Id == "secret" ? ProgressAccess.Forbidden : ProgressAccess.Allowed),
            progress => progress.UseSnapshotSource<NothingExists>(),
            options => options.ForbiddenAsNotFound = true);

        foreach (var (secret, absent) in Paths("secret").Zip(Paths("absent")))
        {
            await using var refused = await SseConnection.OpenAsync(host.Address, secret);
            await using var unknown = await SseConnection.OpenAsync(host.Address, absent);
            Assert.Equal(404, refused.Status);
            Assert.Equal(WithoutDate(unknown.Head), WithoutDate(refused.Head));
            Assert.Equal((await unknown.ReadRestAsync()).Replace("absent", "secret", StringComparison.Ordinal), await refused.ReadRestAsync());
        }

        static string WithoutDate(string head) => string.Join('\n', head.Split('\n').Where(line => !line.StartsWith("Date:", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("a%2Fb", "a/b")]
    [InlineData("a%252Fb", "a%2Fb")]
    [InlineData("a%20b", "a b")]
    [InlineData("%F0%9F%8E%89", "🎉")]
    [InlineData("A", "A")]
    public async Task Check_key_and_channel_get_the_same_id(string encoded, string documentId)
    {
        var asked = new ConcurrentQueue<string>();
        await using var host = await StartAsync((request, _) =>
        {
            asked.Enqueue(Assert.IsType<ProgressDocumentResource>(request.Resource).DocumentId);
            return new(ProgressAccess.Allowed);
        });
        await host.PublishAsync(new(documentId, "a", 10));

        await using var stream = await SseConnection.OpenAsync(host.Address, $"/progress/documents/{encoded}/stream");
        Assert.Contains("\"progress\":10,", await stream.ReadNewsAsync(), StringComparison.Ordinal);
        Assert.True(host.Services.GetRequiredService<ProgressHub>().HasTopic(documentId));
        using var status = await host.Client.GetAsync(new Uri($"{host.Address}progress/documents/{encoded}/status"));
        Assert.Equal([documentId, documentId], asked);
    }

    [Fact]
    public async Task Scope_of_a_check_ends_with_it_and_not_with_the_stream()
    {
        var used = new ConcurrentQueue<Scoped>();
        await using var host = await StartAsync(
            (request, _) =>
            {
                used.Enqueue(request.Services.GetRequiredService<Scoped>());
                return new(ProgressAccess.Allowed);
            },
            progress => progress.Services.AddScoped<Scoped>());
        await using var stream = await host.StreamAsync("doc");
        await stream.ReadNewsAsync();

        Assert.True(Assert.Single(used).IsDisposed);
    }

    [Fact]
    public async Task Check_sees_the_request_and_its_route_values()
    {
        await using var host = await TestHost.StartAsync(map: app => app.MapGroup("/tenants/{tenant}").MapProgressStream()
            .RequireProgressAccess((request, _) => new(request.HttpContext.Request.RouteValues["tenant"] is "mine" ? ProgressAccess.Allowed : ProgressAccess.Forbidden)));

        using var mine = await host.Client.GetAsync("/tenants/mine/progress/documents/doc/status");
        using var theirs = await host.Client.GetAsync("/tenants/theirs/progress/documents/doc/status");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Forbidden), (mine.StatusCode, theirs.StatusCode));
    }

    private static string[] Paths(string documentId) => [$"/progress/documents/{documentId}/stream", $"/progress/documents/{documentId}/status"];

    private static Task<TestHost> StartAsync(
        Func<ProgressAccessRequest, CancellationToken, ValueTask<ProgressAccess>> check,
        Action<ProgressBuilder>? register = null, Action<ProgressStreamOptions>? configure = null, CollectingLogger? logger = null) =>
        TestHost.StartAsync(
            progress =>
            {
                if (logger is not null)
                    progress.Services.AddSingleton<ILoggerProvider>(logger);
                register?.Invoke(progress);
            },
            configure,
            protect: endpoints => endpoints.RequireProgressAccess(check));

    private sealed class NothingExists : IProgressSnapshotSource
    {
        public ValueTask<IReadOnlyList<ProgressSnapshot>> GetAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken) => new([]);
    }

    private sealed class Scoped : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
