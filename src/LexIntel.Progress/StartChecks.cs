using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;

namespace LexIntel.Progress;

/// <summary>
/// What has to be right before the host serves anybody; a check that throws fails the host's start. Endpoints are mapped when the
/// container is built already, so their checks are added here and not as hosted services.
/// </summary>
internal sealed class StartChecks : IHostedLifecycleService
{
    private readonly ConcurrentQueue<Func<Task>> _early = new();
    private readonly ConcurrentQueue<Func<Task>> _late = new();

    /// <summary>Whether something in this process means to read: then it needs the rights of a reader too.</summary>
    public bool HasReaders { get; set; }

    /// <summary>Adds a check that runs before the server listens; one that is added later than that runs right afterwards.</summary>
    public void Add(Func<Task> check) => _early.Enqueue(check);

    /// <summary>Adds a check of what is known only when the host has built everything.</summary>
    public void AddLate(Func<Task> check) => _late.Enqueue(check);

    public Task StartingAsync(CancellationToken cancellationToken) => RunAsync(_early);

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        await RunAsync(_early).ConfigureAwait(false);
        await RunAsync(_late).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task RunAsync(ConcurrentQueue<Func<Task>> checks)
    {
        while (checks.TryDequeue(out var check))
            await check().ConfigureAwait(false);
    }
}
