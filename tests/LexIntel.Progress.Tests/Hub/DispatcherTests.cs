namespace LexIntel.Progress.Tests.Hub;

/// <summary>Readers run in the order in which they were woken, and one that blocks holds up nobody.</summary>
public sealed class DispatcherTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    private readonly Dispatcher _dispatcher = new();

    [Fact]
    public async Task Readers_run_in_the_order_in_which_they_were_woken()
    {
        // Each waits until the one before it has begun: in any other order all threads would wait, for ever.
        var begun = Enumerable.Range(0, 2_000).Select(static _ => new TaskCompletionSource()).ToArray();
        foreach (var (index, reader) in begun.Index())
        {
            _dispatcher.Add(new Reader(() =>
            {
                if (index == 0 || begun[index - 1].Task.Wait(Long))
                    reader.SetResult();
            }));
        }

        await begun[^1].Task.WaitAsync(Long, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_reader_that_blocks_holds_up_none_that_was_woken_before_or_after_it_began()
    {
        using var release = new ManualResetEventSlim();
        TaskCompletionSource blocked = new(), behind = new(), later = new();
        _dispatcher.Add(new Reader(() =>
        {
            blocked.SetResult();
            release.Wait(2 * Long);
        }));
        _dispatcher.Add(new Reader(behind.SetResult));
        await blocked.Task.WaitAsync(Long, TestContext.Current.CancellationToken);
        await behind.Task.WaitAsync(Long, TestContext.Current.CancellationToken);

        _dispatcher.Add(new Reader(later.SetResult));
        await later.Task.WaitAsync(Long, TestContext.Current.CancellationToken);
        release.Set();
    }

    private sealed class Reader(Action run) : IThreadPoolWorkItem
    {
        public void Execute() => run();
    }
}
