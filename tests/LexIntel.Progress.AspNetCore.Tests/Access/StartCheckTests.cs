using System.Net;
using LexIntel.Progress.Testing;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.AspNetCore.Tests.Access;

public sealed class StartCheckTests
{
    [Fact]
    public async Task Host_without_any_decision_does_not_start_and_the_error_holds_the_lines_to_add()
    {
        await using var app = Build();
        app.MapProgressStream("/jobs");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(TestContext.Current.CancellationToken));

        foreach (var fix in (string[])[".RequireAuthorization();", ".RequireProgressAccess(\"policy\");", ".RequireProgressAccess((request, ct) => …);", ".AllowAnonymous();"])
            Assert.Contains($"app.MapProgressStream(\"/jobs\"){fix}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_that_does_not_start_never_listened()
    {
        await using var app = Build();
        app.MapProgressStream();

        await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(TestContext.Current.CancellationToken));

        // The addresses are read when the server is started.
        Assert.Empty(app.Urls);
    }

    [Fact]
    public async Task Host_in_Development_starts_without_a_decision()
    {
        await using var app = Build(environment: Environments.Development);
        app.MapProgressStream();

        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    public static TheoryData<string, Action<IEndpointConventionBuilder>> Decisions => new()
    {
        { "anonymous", endpoints => endpoints.AllowAnonymous() },
        { "signed in", endpoints => endpoints.RequireAuthorization() },
        { "policy of the endpoints", endpoints => endpoints.RequireAuthorization("known") },
        { "policy of each document", endpoints => endpoints.RequireProgressAccess("known") },
        { "code", endpoints => endpoints.RequireProgressAccess((_, _) => new(ProgressAccess.Allowed)) },
        { "attribute", endpoints => endpoints.WithMetadata(new AuthorizeAttribute()) },
    };

    [Theory]
    [MemberData(nameof(Decisions), DisableDiscoveryEnumeration = true)]
    public async Task Host_with_a_decision_starts(string name, Action<IEndpointConventionBuilder> decide)
    {
        Assert.NotEmpty(name);
        await using var app = Build(Authorization);
        decide(app.MapProgressStream());

        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Decisions), DisableDiscoveryEnumeration = true)]
    public async Task Decision_of_a_group_around_counts(string name, Action<IEndpointConventionBuilder> decide)
    {
        Assert.NotEmpty(name);
        await using var app = Build(Authorization);
        var group = app.MapGroup("/api");
        decide(group);
        group.MapGroup("/v1").MapProgressStream();

        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Group_without_a_decision_does_not_start()
    {
        await using var app = Build();
        app.MapGroup("/api").MapProgressStream();

        await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Decision_for_one_mapping_does_not_count_for_another()
    {
        await using var app = Build();
        app.MapProgressStream("/open").AllowAnonymous();
        app.MapProgressStream("/forgotten");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("MapProgressStream(\"/forgotten\")", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fallback_policy_of_the_host_counts()
    {
        await using var app = Build(services => services.AddAuthorizationBuilder().SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build()));
        app.MapProgressStream();

        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Host_of_the_older_kind_is_checked_as_well()
    {
        using var host = Host.CreateDefaultBuilder()
            .ConfigureLogging(logging => logging.ClearProviders())
            .UseEnvironment(Environments.Production)
            .ConfigureWebHost(web => web
                .UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0))
                .ConfigureServices(services => services.AddRouting().AddLexIntelProgress())
                .Configure(app => app.UseRouting().UseEndpoints(endpoints => endpoints.MapProgressStream())))
            .Build();

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Policy_that_does_not_exist_fails_the_start_with_the_line_to_add()
    {
        await using var app = Build(Authorization, Environments.Development);
        app.MapProgressStream().RequireProgressAccess("mistyped");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("options.AddPolicy(\"mistyped\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_without_authorization_services_fails_the_start_with_the_line_to_add()
    {
        await using var app = Build();
        app.MapProgressStream().RequireProgressAccess("known");

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("builder.Services.AddAuthorization(", error.Message, StringComparison.Ordinal);
    }

    private static void Authorization(IServiceCollection services) =>
        services.AddAuthorization(options => options.AddPolicy("known", policy => policy.RequireAuthenticatedUser())).AddAuthentication("none").AddCookie("none");

    private static WebApplication Build(Action<IServiceCollection>? register = null, string? environment = null)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment ?? Environments.Production });
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel().UseUrls("http://127.0.0.1:0");
        builder.Services.AddLexIntelProgress();
        register?.Invoke(builder.Services);
        return builder.Build();
    }
}
