using LexIntel.Progress.Backplane;

namespace LexIntel.Progress.Benchmarks;

/// <summary>A backplane whose pub/sub delivers nothing and says nothing of it: all that comes is read again.</summary>
internal sealed class SilentChannels(IBackplane inner) : IBackplane
{
    public int GroupSize => inner.GroupSize;

    public int ReadSize => inner.ReadSize;

    public bool IsRemote => inner.IsRemote;

    public event Action? Restored
    {
        add => inner.Restored += value;
        remove => inner.Restored -= value;
    }

    public Task OfferAsync(OfferGroup group, CancellationToken cancellationToken) => inner.OfferAsync(group, cancellationToken);

    public Task<StoredState?[]> ReadAsync(IReadOnlyList<Question> questions, CancellationToken cancellationToken) =>
        inner.ReadAsync(questions, cancellationToken);

    public Task<ISubscription> SubscribeAsync(Subject subject, IReceiver receiver, CancellationToken cancellationToken) =>
        inner.SubscribeAsync(subject, Nobody.Instance, cancellationToken);

    // The probe would notice, and everything would be read every second.
    public Task ProbeAsync(bool isReader, CancellationToken cancellationToken) => Task.CompletedTask;

    private sealed class Nobody : IReceiver
    {
        public static readonly Nobody Instance = new();

        public void Receive(ReadOnlyMemory<byte> message)
        {
        }
    }
}
