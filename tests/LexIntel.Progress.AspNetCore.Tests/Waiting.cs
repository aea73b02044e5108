namespace LexIntel.Progress.AspNetCore.Tests;

internal static class Waiting
{
    /// <summary>Waits for something outside the test's reach; looks often, gives up late.</summary>
    public static async Task UntilAsync(Func<bool> isTrue)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!isTrue())
            await timer.WaitForNextTickAsync(limit.Token);
    }
}
