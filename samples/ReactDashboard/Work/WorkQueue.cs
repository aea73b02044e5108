using System.Threading.Channels;
using ReactDashboard.Uploads;

namespace ReactDashboard.Work;

/// <summary>A document and its file, which whoever takes it closes.</summary>
internal sealed record WorkItem(Document Document, FileStream File);

/// <summary>What is to be worked on. When it is full, uploads wait.</summary>
internal sealed class WorkQueue
{
    private const int Longest = 1000;

    private readonly Channel<WorkItem> _items = Channel.CreateBounded<WorkItem>(Longest);

    public ValueTask AddAsync(WorkItem item, CancellationToken cancellationToken) => _items.Writer.WriteAsync(item, cancellationToken);

    public IAsyncEnumerable<WorkItem> ReadAsync(CancellationToken cancellationToken) => _items.Reader.ReadAllAsync(cancellationToken);
}
