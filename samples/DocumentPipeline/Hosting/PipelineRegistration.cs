using System.Data.Common;
using DocumentPipeline.Intake;
using DocumentPipeline.Processing;
using DocumentPipeline.Storage;
using LexIntel.Progress;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace DocumentPipeline.Hosting;

/// <summary>Registers what every way to run the sample needs.</summary>
internal static class PipelineRegistration
{
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(15);

    public static void AddPipeline(this IHostApplicationBuilder builder, Role role)
    {
        var services = builder.Services;
        services.AddOptions<PipelineOptions>().Bind(builder.Configuration.GetSection(PipelineOptions.SectionName)).ValidateOnStart();
        services.AddSingleton<IValidateOptions<PipelineOptions>, PipelineOptionsValidator>();
        services.TryAddSingleton(TimeProvider.System);

        // The database is the source of truth; the backplane carries what happens in between.
        var progress = services.AddLexIntelProgress().UseSnapshotSource<DocumentSnapshotSource>();
        UseRedisIfSet(progress, builder.Configuration.GetConnectionString("Redis"), role);

        services.AddSingleton<WorkingFolder>();
        var postgres = builder.Configuration.GetConnectionString("Postgres");
        services.AddDbContextFactory<PipelineDbContext>((provider, options) =>
        {
            if (string.IsNullOrWhiteSpace(postgres))
                options.UseSqlite(provider.GetRequiredService<WorkingFolder>().ConnectionString);
            else
                options.UseNpgsql(postgres);
        });
        services.AddSingleton<Database>();
        services.AddSingleton<JobBell>();
        services.AddSingleton<JobQueue>();
        services.AddSingleton<DocumentLedger>();
        services.AddSingleton<DocumentIntake>();
        if (role == Role.Api)
            return;

        services.AddSingleton<Pace>();
        services.AddSingleton<ExtractionJob>();
        services.AddSingleton<EmbeddingJob>();
        services.AddSingleton<JobRunner>();
        services.AddHostedService<PipelineWorker>();
        services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownLimit);
    }

    /// <summary>Checks the settings and makes the database, before anything runs that would need them.</summary>
    public static async Task PrepareAsync(this IServiceProvider services)
    {
        try
        {
            _ = services.GetRequiredService<IOptions<PipelineOptions>>().Value;
            _ = services.GetRequiredService<IOptions<ProgressOptions>>().Value;
        }
        catch (InvalidOperationException exception) when (exception.InnerException is not null)
        {
            // Configuration could not make a value of a setting; its message names the setting.
            throw new StartException(exception.Message);
        }

        try
        {
            await services.GetRequiredService<Database>().PrepareAsync();
        }
        catch (Exception exception) when (exception is DbException or ArgumentException or InvalidOperationException { InnerException: DbException })
        {
            // EF Core wraps what may pass, such as a server that does not answer.
            var reason = (exception as InvalidOperationException)?.InnerException ?? exception;
            throw new StartException($"The database cannot be used: {reason.Message} See ConnectionStrings__Postgres, or leave it empty to use SQLite.");
        }
    }

    private static void UseRedisIfSet(ProgressBuilder progress, string? redis, Role role)
    {
        if (string.IsNullOrWhiteSpace(redis))
        {
            if (role != Role.Both)
                throw new StartException("With --role the two halves are two processes, and progress has to go from one to the other. Set ConnectionStrings__Redis, for instance to localhost:6379.");
            return;
        }

        try
        {
            progress.UseRedis(redis);
        }
        catch (ArgumentException exception)
        {
            throw new StartException($"ConnectionStrings__Redis cannot be used: {exception.Message}");
        }
    }
}
