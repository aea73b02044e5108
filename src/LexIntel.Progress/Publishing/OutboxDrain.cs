using Microsoft.Extensions.Hosting;

namespace LexIntel.Progress.Publishing;

/// <summary>
/// Empties the outbox when the host stops, after every hosted service has: the framework calls <see cref="StoppedAsync"/> when all their
/// <c>StopAsync</c> have returned, whatever the order of registration.
/// </summary>
internal sealed class OutboxDrain(ProgressPublisher publisher) : IHostedLifecycleService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => publisher.DrainAsync();

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
