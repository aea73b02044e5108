// The code of README.md and docs/, compiled. DocsTests asserts that every block of C# there stands here, line by line.
using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace LexIntel.Progress.AspNetCore.Tests.Docs;

internal sealed class Snippets(IProgressPublisher publisher, IProgressSubscriber subscriber, FileInfo file)
{
    private static readonly ProgressPlan Plan = new(("extraction", 3), ("chunking", 1), ("embedding", 6));

    public async Task Worker(string documentId, IReadOnlyList<string> pages, CancellationToken stoppingToken)
    {
        List<string> chunks = [];
        await publisher.TrackAsync(documentId, Plan, async (job, cancellationToken) =>
        {
            job.StartStep("extraction", $"Extracting text from {file.Name}");
            foreach (var page in job.Each(pages))                                   // moves the bar page by page
                chunks.AddRange(await ExtractAsync(page, cancellationToken));
            job.StartStep("embedding");
            await EmbedAsync(chunks, progress: job, cancellationToken);             // job is an IProgress<double>
        }, cancellationToken: stoppingToken);
    }

    public static void Api(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.Services.AddLexIntelProgress().UseRedis("localhost:6379");          // without UseRedis: in process
        var app = builder.Build();
        app.MapProgressStream().AllowAnonymous();                                   // or .RequireAuthorization(), .RequireProgressAccess("policy")
        app.Run();
    }

    public async Task Reader(string documentId, string otherId, CancellationToken cancellationToken)
    {
        // A reader without a browser: the newest state first, the terminal state last. In process, over Redis, or over HTTP.
        await foreach (var snapshot in subscriber.SubscribeAsync(documentId, cancellationToken: cancellationToken))
            Console.WriteLine($"{snapshot.Percent:F1} % {snapshot.Step}: {snapshot.Message}");

        // Many documents at once, until all are finished.
        await foreach (var snapshot in subscriber.SubscribeAsync([documentId, otherId], cancellationToken))
            Console.WriteLine($"{snapshot.DocumentId}: {snapshot.Percent:F1} %");
    }

    public static void Client(WebApplicationBuilder builder)
    {
        builder.Services.AddLexIntelProgressClient(new Uri("https://api.example.com"));

        builder.Services.AddTransient<TokenHandler>();
        builder.Services.AddLexIntelProgressClient(new Uri("https://api.example.com"))
            .AddHttpMessageHandler<TokenHandler>();

        builder.Services.AddLexIntelProgressClient(new Uri("https://api.example.com"), options => options.Prefix = "/jobs");
    }

    public async Task Batch(string documentId, FileInfo[] files, double pageCount, Func<ProgressJob, CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        // Whoever makes the batch declares it.
        await publisher.DeclareBatchAsync(new("upload-7", expectedTotal: files.Length), cancellationToken);

        // Whoever works on a document names its batch, in any number of processes. The weight is optional.
        await publisher.TrackAsync(documentId, Plan, work, new() { BatchId = "upload-7", BatchWeight = pageCount }, cancellationToken);
        await publisher.PublishAsync(new(documentId, "extraction", 45) { BatchId = "upload-7", BatchWeight = pageCount }, cancellationToken);

        // Whoever waits for it reads the newest aggregate first, and the last when all documents have ended.
        await foreach (var batch in subscriber.SubscribeBatchAsync("upload-7", cancellationToken: cancellationToken))
            Console.WriteLine($"{batch.Completed} of {batch.Total} done, {batch.Failed} failed, about {batch.Remaining?.TotalMinutes:F0} min left");
    }

    public async Task Endings(string documentId, Func<ProgressJob, CancellationToken, Task> work, int retryCount, CancellationToken cancellationToken)
    {
        var options = new TrackOptions
        {
            WillRetry = exception => exception is HttpRequestException && retryCount < 3,
            DescribeError = exception => exception is InvalidDataException ? "The file is damaged." : null,
        };
        await publisher.TrackAsync(documentId, Plan, work, options, cancellationToken);
    }

    public async Task HandOver(string documentId, IQueue queue, string message)
    {
        // The extraction job, in one process …
        await publisher.TrackAsync(documentId, Plan, async (job, token) =>
        {
            await ExtractAllAsync(job, token);
            await queue.SendAsync(job.HandOver().ToString(), token);
        });

        // … and the embedding job, in another.
        var attempt = ProgressAttempt.Parse(message);
        await publisher.TrackAsync(documentId, plan: null, EmbedAllAsync, new() { Continue = attempt });
    }

    public async Task NotOneMethod(string documentId)
    {
        await using var job = publisher.Start(documentId);
        job.Report(0.5, "Half way");
        job.Complete();
    }

    public async Task Plain(string documentId)
    {
        await publisher.PublishAsync(new(documentId, "extraction", 45, "Reading page 45"));
        await publisher.PublishAsync(new(documentId, "extraction", 100) { Status = ProgressStatus.Completed });
    }

    public static void Settings(WebApplicationBuilder builder, WebApplication app)
    {
        builder.Services.AddLexIntelProgress(options => options.PublishInterval = TimeSpan.FromMilliseconds(250));
        app.MapProgressStream("/progress", options => options.HeartbeatInterval = TimeSpan.FromSeconds(10));

        builder.Services.AddCors(cors => cors.AddPolicy("pages", policy => policy
            .WithOrigins("https://app.example.com").AllowCredentials().WithProgressHeaders()));
        app.UseCors();
        app.MapProgressStream(configure: options => options.AllowedOrigins.Add("https://app.example.com")).RequireCors("pages");

        builder.Services.AddLexIntelProgress().UseRedis("localhost:6379,password=…");
        builder.Services.AddLexIntelProgress().UseRedis(provider => provider.GetRequiredService<IConnectionMultiplexer>());

        builder.Services.AddLexIntelProgress().UseSnapshotSource<DocumentSnapshots>();
    }

    public static void Access(WebApplicationBuilder builder, WebApplication app)
    {
        builder.Services.AddAuthentication().AddCookie();
        builder.Services.AddAuthorizationBuilder().AddPolicy("document", policy => policy.AddRequirements(new DocumentReader()));
        builder.Services.AddScoped<IAuthorizationHandler, DocumentReaderHandler>();

        app.MapProgressStream().RequireProgressAccess("document");

        app.MapProgressStream().RequireProgressAccess(async (request, cancellationToken) =>
            await request.Services.GetRequiredService<Documents>().MayReadAsync(request.User, request.Resource.Id, cancellationToken)
                ? ProgressAccess.Allowed
                : ProgressAccess.NotFound);

        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            options.KnownProxies.Add(IPAddress.Parse("10.0.0.5"));                  // from others the header is not believed
        });
        app.UseForwardedHeaders();                                                  // before everything else

        builder.Services.AddCors(options => options.AddPolicy("pages", policy => policy
            .WithOrigins("https://app.example.com").AllowCredentials()
            .WithMethods("GET", "POST").WithHeaders("Authorization", "Cache-Control", "Content-Type", "If-None-Match", "Last-Event-ID")
            .WithExposedHeaders("ETag", "Retry-After", "X-Progress-Source")));
        app.UseCors();
        app.MapProgressStream().RequireAuthorization().RequireCors("pages");
    }

    public sealed class DocumentReader : IAuthorizationRequirement;

    public sealed class DocumentReaderHandler(Documents documents) : AuthorizationHandler<DocumentReader, ProgressDocumentResource>
    {
        protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, DocumentReader requirement, ProgressDocumentResource resource)
        {
            if (await documents.MayReadAsync(context.User, resource.DocumentId))
                context.Succeed(requirement);
        }
    }

    public sealed class Documents(ILookup<string, string> readers)
    {
        public Task<bool> MayReadAsync(ClaimsPrincipal user, string documentId, CancellationToken cancellationToken = default) =>
            Task.FromResult(readers[documentId].Contains(user.Identity?.Name, StringComparer.Ordinal));
    }

    public sealed class TokenHandler : DelegatingHandler;

    public static void Topologies(WebApplicationBuilder builder)
    {
        builder.Services.AddLexIntelProgress().UseRedis("redis:6380,ssl=true,password=…", redis => redis.TrustIssuer("/etc/ssl/redis-ca.pem"));

        builder.Services.AddLexIntelProgress(options => options.ReadFromReplica = true).UseRedis("replica.eu:6379");
    }

    public static void Migration(WebApplicationBuilder builder, WebApplication app)
    {
        builder.Services.AddLexIntelProgress().UseRedis("localhost:6379");
        app.MapProgressStream().RequireAuthorization();
    }

    public static void Health(WebApplicationBuilder builder, WebApplication app)
    {
        builder.Services.AddHealthChecks().AddLexIntelProgress();
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
    }

    public interface IQueue
    {
        Task SendAsync(string message, CancellationToken cancellationToken);
    }

    public interface IDocuments
    {
        Task<IReadOnlyList<(string Id, ProgressStatus Status, double Percent, DateTimeOffset ChangedAt)>> FindAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken);
    }

    public sealed class DocumentSnapshots(IDocuments documents) : IProgressSnapshotSource
    {
        public async ValueTask<IReadOnlyList<ProgressSnapshot>> GetAsync(IReadOnlyCollection<string> documentIds, CancellationToken cancellationToken)
        {
            var found = await documents.FindAsync(documentIds, cancellationToken);
            return [.. found.Select(document => new ProgressSnapshot
            {
                DocumentId = document.Id,
                Status = document.Status,
                Percent = document.Percent,
                Timestamp = document.ChangedAt,
            })];
        }
    }

    private static Task<string[]> ExtractAsync(string page, CancellationToken cancellationToken) => Task.FromResult<string[]>([page]);

    private static Task EmbedAsync(List<string> chunks, IProgress<double> progress, CancellationToken cancellationToken) => Task.CompletedTask;

    private static Task ExtractAllAsync(ProgressJob job, CancellationToken cancellationToken) => Task.CompletedTask;

    private static Task EmbedAllAsync(ProgressJob job, CancellationToken cancellationToken) => Task.CompletedTask;
}
