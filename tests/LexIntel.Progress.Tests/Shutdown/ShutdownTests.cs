using LexIntel.Progress.Backplane;
using LexIntel.Progress.InProcess;
using LexIntel.Progress.Testing;
using LexIntel.Progress.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.Tests.Shutdown;

/// <summary>The last report of a worker that stops normally is never lost.</summary>
public sealed class ShutdownTests
{
    private readonly InProcessBackplane _backplane = new(Options.Create(new ProgressOptions()), TimeProvider.System);

    public enum Order
    {
        WorkerFirst,
        WorkerLast,
    }

    [Theory]
    [InlineData(Order.WorkerFirst)]
    [InlineData(Order.WorkerLast)]
    public async Task Host_stops_last_report_of_a_worker_is_stored(Order order)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (order == Order.WorkerFirst)
            builder.Services.AddHostedService<ReportingWorker>();
        builder.Services.AddLexIntelProgress();
        if (order == Order.WorkerLast)
            builder.Services.AddHostedService<ReportingWorker>();
        builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(_backplane));
        using (var host = builder.Build())
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            await Eventually.GetAsync(() => _backplane.ReadJsonAsync("a"), json => json is not null, "the first report");
            await host.StopAsync(TestContext.Current.CancellationToken);
            // Before anything is disposed: another process may read it now.
            Assert.Contains("\"the last report\"", await _backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
        }

        Assert.Contains("\"completed\"", await _backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Order.WorkerFirst)]
    [InlineData(Order.WorkerLast)]
    public async Task Host_stops_tracked_job_that_was_cancelled_by_it_is_retrying(Order order)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (order == Order.WorkerFirst)
            builder.Services.AddHostedService<TrackingWorker>();
        builder.Services.AddLexIntelProgress();
        if (order == Order.WorkerLast)
            builder.Services.AddHostedService<TrackingWorker>();
        builder.Services.Replace(ServiceDescriptor.Singleton<IBackplane>(_backplane));
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        await Eventually.GetAsync(() => _backplane.ReadJsonAsync("a"), json => json is not null, "the beginning");

        await host.StopAsync(TestContext.Current.CancellationToken);

        Assert.Contains("\"retrying\"", await _backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Container_disposed_asynchronously_last_report_is_stored()
    {
        await using (var services = Container().BuildServiceProvider())
            await ReportAsync(services);

        Assert.Contains("\"completed\"", await _backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Container_disposed_synchronously_last_report_is_stored()
    {
        var services = Container().BuildServiceProvider();
        await ReportAsync(services);
#pragma warning disable CA1849 // This is what is tested.
        services.Dispose();
#pragma warning restore CA1849

        Assert.Contains("\"completed\"", await _backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Container_disposed_synchronously_with_a_reader_and_redis_does_not_throw()
    {
        Assert.SkipWhen(RedisServer.WhyMissing is not null, RedisServer.WhyMissing ?? "");
        await using var redis = await RedisServer.LaunchAsync();
        var services = new ServiceCollection();
        services.AddLexIntelProgress().UseRedis(redis.Configuration);
        var provider = services.BuildServiceProvider();
        await ReportAsync(provider);
        await provider.GetRequiredService<IProgressSubscriber>().GetSnapshotAsync("a", TestContext.Current.CancellationToken);

#pragma warning disable CA1849 // This is what is tested.
        var error = Record.Exception(provider.Dispose);
#pragma warning restore CA1849

        Assert.Null(error);
    }

    [Fact]
    public async Task Container_disposed_running_job_is_retrying()
    {
        await using (var services = Container().BuildServiceProvider())
            services.GetRequiredService<IProgressPublisher>().Start("a").Report(0.5);

        Assert.Contains("\"retrying\"", await _backplane.ReadJsonAsync("a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backplane_away_shutdown_ends_within_its_limit_and_names_what_was_not_sent()
    {
        var log = new CollectingLogger();
        var services = Container(options => options.ShutdownFlush = TimeSpan.FromMilliseconds(200));
        services.AddSingleton<ILoggerFactory>(log);
        services.Replace(ServiceDescriptor.Singleton<IBackplane>(new RecordingBackplane(_backplane, TimeProvider.System) { BeforeOffer = () => throw new TimeoutException("away") }));
        var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IProgressPublisher>().PublishAsync(new("contract-7", "x", 1), TestContext.Current.CancellationToken);

        await provider.DisposeAsync().AsTask().WithinAsync("disposal", TimeSpan.FromSeconds(10));

        Assert.Contains("contract-7", Assert.Single(log.Named("UpdateNotSent")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backplane_frozen_shutdown_names_what_was_under_way()
    {
        var log = new CollectingLogger();
        var isOffered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var services = Container(options => (options.ShutdownFlush, options.BackplaneTimeout) = (TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1)));
        services.AddSingleton<ILoggerFactory>(log);
        services.Replace(ServiceDescriptor.Singleton<IBackplane>(new RecordingBackplane(_backplane, TimeProvider.System)
        {
            BeforeOffer = () =>
            {
                isOffered.TrySetResult();
                return Task.Delay(Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken);
            },
        }));
        var provider = services.BuildServiceProvider();
        await provider.GetRequiredService<IProgressPublisher>().PublishAsync(new("contract-7", "x", 1), TestContext.Current.CancellationToken);
        await isOffered.Task.WithinAsync("the call that never returns");

        await provider.DisposeAsync().AsTask().WithinAsync("disposal", TimeSpan.FromSeconds(10));

        Assert.Contains("contract-7", Assert.Single(log.Named("UpdateNotSent")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_published_disposal_waits_for_nothing()
    {
        var services = Container().BuildServiceProvider();
        _ = services.GetRequiredService<IProgressPublisher>();
        _ = services.GetRequiredService<IProgressSubscriber>();

        await services.DisposeAsync().AsTask().WithinAsync("disposal", TimeSpan.FromSeconds(10));
    }

    private ServiceCollection Container(Action<ProgressOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddLexIntelProgress(configure);
        services.Replace(ServiceDescriptor.Singleton<IBackplane>(_backplane));
        return services;
    }

    private static async Task ReportAsync(ServiceProvider services)
    {
        var publisher = services.GetRequiredService<IProgressPublisher>();
        await publisher.PublishAsync(new("a", "x", 1));
        await publisher.PublishAsync(new ProgressUpdate("a", "x", 100) { Status = ProgressStatus.Completed });
    }

    private sealed class ReportingWorker(IProgressPublisher publisher) : BackgroundService
    {
        public override async Task StopAsync(CancellationToken cancellationToken)
        {
            await base.StopAsync(cancellationToken);
            await publisher.PublishAsync(new ProgressUpdate("a", "x", 100, "the last report") { Status = ProgressStatus.Completed }, CancellationToken.None);
        }

        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            for (var i = 0; !stoppingToken.IsCancellationRequested; i++)
            {
                await publisher.PublishAsync(new("a", "x", i % 100), CancellationToken.None);
                await Task.Yield();
            }
        }
    }

    private sealed class TrackingWorker(IProgressPublisher publisher) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => publisher.TrackAsync(
            "a", null, (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, token), null, stoppingToken);
    }
}
