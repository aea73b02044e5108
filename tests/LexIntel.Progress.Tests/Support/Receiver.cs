using LexIntel.Progress.Backplane;

namespace LexIntel.Progress.Tests.Support;

/// <summary>Does something with each message.</summary>
internal sealed class Receiver(Action<ReadOnlyMemory<byte>> receive) : IReceiver
{
    public void Receive(ReadOnlyMemory<byte> message) => receive(message);
}
