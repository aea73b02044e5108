using System.Net;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore.Tests.Access;

/// <summary>Streams of many documents of which some are not for this client.</summary>
public sealed class ManyDocumentsAccessTests
{
    private const string Canary = "canary-of-a-secret";

    [Fact]
    public async Task Denied_document_is_said_to_be_and_the_rest_goes_on()
    {
        await using var host = await StartAsync("mine");
        await host.PublishAsync(new("theirs", Canary, 10, Canary));
        await using var stream = await host.StreamManyAsync(await host.CookieAsync("anna"), "mine", "theirs");
        Assert.Equal("event: denied\ndata: {\"document_id\":\"theirs\",\"status\":403}", await stream.ReadNewsAsync());

        await host.PublishAsync(new("theirs", Canary, 20, Canary));
        await host.PublishAsync(new("mine", "a", 100) { Status = ProgressStatus.Completed });

        Assert.All(await stream.ReadToEndAsync(), block => Assert.DoesNotContain(Canary, block, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Denied_document_of_a_POST_is_said_to_be()
    {
        await using var host = await StartAsync("mine");
        await host.PublishAsync(new("mine", "a", 10));
        await host.PublishAsync(new("theirs", Canary, 10, Canary));
        await using var stream = await SseConnection.OpenAsync(
            host.Host.Address, "/progress/stream", json: """{"documents":{"mine":null,"theirs":null}}""", headers: await host.CookieAsync("anna"));

        Assert.Equal("event: denied\ndata: {\"document_id\":\"theirs\",\"status\":403}", await stream.ReadNewsAsync());
        Assert.Contains("\"document_id\":\"mine\"", await stream.ReadNewsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Document_that_must_not_be_known_of_is_denied_like_one_that_does_not_exist()
    {
        await using var host = await StartAsync("mine", options => options.ForbiddenAsNotFound = true);
        await using var stream = await host.StreamManyAsync(await host.CookieAsync("anna"), "mine", "theirs");

        Assert.Equal("event: denied\ndata: {\"document_id\":\"theirs\",\"status\":404}", await stream.ReadNewsAsync());
    }

    [Fact]
    public async Task Stream_of_which_everything_is_denied_is_refused()
    {
        await using var host = await StartAsync("mine");

        await using var user = await host.StreamManyAsync(await host.CookieAsync("anna"), "theirs", "secret");
        Assert.Equal(403, user.Status);
        await using var nobody = await host.StreamManyAsync("X-Nothing: 1", "theirs", "secret");
        Assert.Equal(401, nobody.Status);
    }

    [Fact]
    public async Task Withdrawn_document_is_denied_without_another_state_and_the_rest_goes_on()
    {
        await using var host = await StartAsync("mine");
        host.Readers.Grant("anna", "lent");
        await host.PublishAsync(new("mine", "a", 10));
        await host.PublishAsync(new("lent", "a", 10));
        await using var stream = await host.StreamManyAsync(await host.CookieAsync("anna"), "mine", "lent");
        await stream.ReadNewsAsync();
        await stream.ReadNewsAsync();

        host.Readers.Withdraw("anna", "lent");
        host.Readers.During = documentId => documentId == "lent" ? host.PublishAsync(new("lent", Canary, 20, Canary)) : Task.CompletedTask;
        host.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("event: denied\ndata: {\"document_id\":\"lent\",\"status\":403}", await stream.ReadNewsAsync());
        host.Readers.During = null;
        await host.PublishAsync(new("lent", Canary, 100, Canary) { Status = ProgressStatus.Completed });
        await host.PublishAsync(new("mine", "a", 100) { Status = ProgressStatus.Completed });
        var rest = await stream.ReadToEndAsync();
        Assert.Contains(rest, block => block.Contains("\"status\":\"completed\",\"document_id\":\"mine\"", StringComparison.Ordinal));
        Assert.DoesNotContain(rest, block => block.Contains(Canary, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Last_document_withdrawn_ends_the_stream()
    {
        await using var host = await StartAsync("mine");
        await using var stream = await host.StreamManyAsync(await host.CookieAsync("anna"), "mine", "theirs");
        await stream.ReadNewsAsync();

        host.Readers.Withdraw("anna", "mine");
        host.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal("event: bye\ndata: {\"reason\":\"denied\"}", (await stream.ReadToEndAsync())[^1]);
    }

    [Fact]
    public async Task Unknown_documents_beside_one_that_is_undecided_are_refused_for_the_moment()
    {
        await using var host = await StartAsync(progress => progress.UseSnapshotSource<Nothing>());
        using var response = await host.Client.GetAsync("/progress/stream?documents=nix&documents=undecided");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task Finished_document_beside_one_that_is_undecided_is_no_204()
    {
        await using var host = await StartAsync();
        await host.PublishAsync(new("a", "x", 100) { Status = ProgressStatus.Completed });
        await using var first = await SseConnection.OpenAsync(host.Address, "/progress/stream?documents=a");
        var end = (await first.ReadToEndAsync())[^1].Split('\n')[0]["id: ".Length..];

        await using var again = await SseConnection.OpenAsync(host.Address, "/progress/stream?documents=a&documents=undecided", end);

        Assert.Equal(200, again.Status);
        Assert.Equal("event: denied\ndata: {\"document_id\":\"undecided\",\"status\":503}", await again.ReadNewsAsync());
    }

    [Fact]
    public async Task Documents_that_must_not_be_known_of_are_refused_in_the_same_words_as_those_that_do_not_exist()
    {
        await using var host = await StartAsync(progress => progress.UseSnapshotSource<Nothing>(), options => options.ForbiddenAsNotFound = true);

        Assert.Single(new[] { await RefusalAsync("nix", "nada"), await RefusalAsync("theirs", "nada"), await RefusalAsync("nix", "theirs"), await RefusalAsync("theirs", "theirs-too") }.Distinct());

        async Task<string> RefusalAsync(string first, string second)
        {
            using var response = await host.Client.GetAsync($"/progress/stream?documents={first}&documents={second}");
            return $"{response}\n{await response.Content.ReadAsStringAsync()}".Replace($"{response.Headers.Date:R}", "", StringComparison.Ordinal);
        }
    }

    private static Task<TestHost> StartAsync(Action<ProgressBuilder>? register = null, Action<ProgressStreamOptions>? configure = null) => TestHost.StartAsync(
        register,
        configure,
        protect: endpoints => endpoints.RequireProgressAccess((request, _) => new(request.Resource.Id switch
        {
            "undecided" => ProgressAccess.Undecided,
            "theirs" or "theirs-too" => ProgressAccess.Forbidden,
            _ => ProgressAccess.Allowed,
        })));

    private static async Task<SignedInHost> StartAsync(string granted, Action<ProgressStreamOptions>? configure = null)
    {
        var host = await SignedInHost.StartAsync(CookieAuthenticationDefaults.AuthenticationScheme, configure: configure);
        host.Readers.Grant("anna", granted);
        return host;
    }

    private sealed class Nothing : IProgressSnapshotSource
    {
        public ValueTask<IReadOnlyList<ProgressSnapshot>> GetAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken) => new([]);
    }
}
