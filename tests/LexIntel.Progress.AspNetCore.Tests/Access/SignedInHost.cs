using System.Collections.Concurrent;
using System.IdentityModel.Tokens.Jwt;
using System.Security.Claims;
using LexIntel.Progress.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;

namespace LexIntel.Progress.AspNetCore.Tests.Access;

/// <summary>A host with the framework's real cookies or bearer tokens, a policy that knows who may read what, and a clock that the test moves.</summary>
internal sealed class SignedInHost : IAsyncDisposable
{
    public const string Policy = "reader";
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private static readonly SymmetricSecurityKey Key = new("0123456789abcdef0123456789abcdef"u8.ToArray());

    private SignedInHost(TestHost host, FakeTimeProvider time, Readers readers, CollectingLogger logger) => (Host, Time, Readers, Logger) = (host, time, readers, logger);

    public TestHost Host { get; }

    public FakeTimeProvider Time { get; }

    public Readers Readers { get; }

    /// <summary>What was logged, by anybody, from the level on that the host was started with.</summary>
    public CollectingLogger Logger { get; }

    /// <summary>The header of the last cookie that was given out.</summary>
    public string? Cookie { get; private set; }

    public static async Task<SignedInHost> StartAsync(string scheme, Action<IEndpointConventionBuilder>? protect = null, Action<ProgressStreamOptions>? configure = null, LogLevel logs = LogLevel.None)
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var readers = new Readers();
        var logger = new CollectingLogger();
        var host = await TestHost.StartAsync(
            progress =>
            {
                var services = progress.Services;
                services.Replace(ServiceDescriptor.Singleton<TimeProvider>(time));
                // A check must not time out because the test moves the clock while it is under way.
                services.Configure<ProgressOptions>(options => options.BackplaneTimeout = TimeSpan.FromMinutes(1));
                services.AddSingleton<ILoggerProvider>(logger).AddLogging(logging => logging.SetMinimumLevel(logs));
                services.AddSingleton(readers).AddScoped<IAuthorizationHandler, ReadersHandler>().AddScoped<IAuthorizationHandler, BatchReadersHandler>().AddScoped<IAuthorizationHandler, BlockedHandler>();
                services.AddAuthorizationBuilder()
                    .AddPolicy(Policy, policy => policy.AddRequirements(new MayRead()))
                    .AddPolicy("not blocked", policy => policy.RequireAuthenticatedUser().AddRequirements(new NotBlocked()));
                services.AddAuthentication(scheme)
                    .AddCookie(options => (options.ExpireTimeSpan, options.SlidingExpiration) = (Lifetime, false))
                    .AddJwtBearer(options => options.TokenValidationParameters = new() { IssuerSigningKey = Key, ValidIssuer = "test", ValidAudience = "test" });
            },
            configure,
            map: app => app.MapPost("/sign-in/{name}", (string name, HttpContext context) => context.SignInAsync(
                CookieAuthenticationDefaults.AuthenticationScheme,
                new ClaimsPrincipal(new ClaimsIdentity([new(ClaimTypes.NameIdentifier, name)], CookieAuthenticationDefaults.AuthenticationScheme)))).AllowAnonymous(),
            protect: protect ?? (static endpoints => endpoints.RequireProgressAccess(Policy)));
        return new(host, time, readers, logger);
    }

    /// <summary>The header of a signed-in user's cookie.</summary>
    public async Task<string> CookieAsync(string name)
    {
        using var handler = new SocketsHttpHandler { UseCookies = false };
        using var client = new HttpClient(handler) { BaseAddress = Host.Address };
        using var response = await client.PostAsync($"/sign-in/{name}", null);
        return Cookie = $"Cookie: {response.Headers.GetValues("Set-Cookie").Single().Split(';')[0]}";
    }

    /// <summary>The header of a user's bearer token.</summary>
    public string Bearer(string name, TimeSpan? lifetime = null)
    {
        var now = Time.GetUtcNow().UtcDateTime;
        var token = new JwtSecurityToken("test", "test", [new("sub", name)], now.AddMinutes(-10), now + (lifetime ?? Lifetime), new(Key, SecurityAlgorithms.HmacSha256));
        return $"Authorization: Bearer {new JwtSecurityTokenHandler().WriteToken(token)}";
    }

    /// <summary>Publishes and waits until it is stored, however far the clock moves meanwhile.</summary>
    public async Task PublishAsync(ProgressUpdate update)
    {
        await Host.Publisher.PublishAsync(update);
        Assert.True(await Host.Publisher.FlushAsync(TimeSpan.FromDays(1)));
    }

    public Task<SseConnection> StreamAsync(string documentId, string header) =>
        SseConnection.OpenAsync(Host.Address, $"/progress/documents/{documentId}/stream", headers: header);

    public Task<SseConnection> StreamManyAsync(string header, params string[] documentIds) =>
        SseConnection.OpenAsync(Host.Address, "/progress/stream?" + string.Join('&', documentIds.Select(id => $"documents={Uri.EscapeDataString(id)}")), headers: header);

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    private sealed class MayRead : IAuthorizationRequirement;

    private sealed class NotBlocked : IAuthorizationRequirement;

    private sealed class ReadersHandler(Readers readers) : AuthorizationHandler<MayRead, ProgressDocumentResource>
    {
        protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, MayRead requirement, ProgressDocumentResource resource)
        {
            if (await readers.MayReadAsync(context.User.FindFirstValue(ClaimTypes.NameIdentifier), resource.DocumentId))
                context.Succeed(requirement);
        }
    }

    private sealed class BatchReadersHandler(Readers readers) : AuthorizationHandler<MayRead, ProgressBatchResource>
    {
        protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, MayRead requirement, ProgressBatchResource resource)
        {
            if (await readers.MayReadAsync(context.User.FindFirstValue(ClaimTypes.NameIdentifier), $"batch {resource.BatchId}"))
                context.Succeed(requirement);
        }
    }

    private sealed class BlockedHandler(Readers readers) : AuthorizationHandler<NotBlocked>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, NotBlocked requirement)
        {
            if (!readers.Blocked.ContainsKey(context.User.FindFirstValue(ClaimTypes.NameIdentifier) ?? ""))
                context.Succeed(requirement);
            return Task.CompletedTask;
        }
    }
}

/// <summary>Who may read what, as a host's database would know it.</summary>
internal sealed class Readers
{
    private readonly ConcurrentDictionary<(string, string), bool> _grants = new();

    public ConcurrentDictionary<string, bool> Blocked { get; } = new();

    /// <summary>What happens in the middle of a check.</summary>
    public Func<string, Task>? During { get; set; }

    public void Grant(string user, params string[] documentIds) => Array.ForEach(documentIds, documentId => _grants[(user, documentId)] = true);

    public void Withdraw(string user, string documentId) => _grants.TryRemove((user, documentId), out _);

    public async Task<bool> MayReadAsync(string? user, string documentId)
    {
        if (During is { } during)
            await during(documentId);
        return user is not null && _grants.ContainsKey((user, documentId));
    }
}
