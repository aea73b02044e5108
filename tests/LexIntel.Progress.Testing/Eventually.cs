namespace LexIntel.Progress.Testing;

/// <summary>Waits for what happens in other threads and processes: for events where there are some, never for a guessed time.</summary>
public static class Eventually
{
    /// <summary>How long a test waits for what should have happened long ago; only a failing test waits for so long.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Waits for a task, and says what was expected when it does not come.</summary>
    public static async Task<T> WithinAsync<T>(this Task<T> task, string expected, TimeSpan? limit = null)
    {
        try
        {
            return await task.WaitAsync(limit ?? Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Expected within {(limit ?? Limit).TotalSeconds} s: {expected}.");
        }
    }

    /// <inheritdoc cref="WithinAsync{T}(Task{T}, string, TimeSpan?)"/>
    public static async Task WithinAsync(this Task task, string expected, TimeSpan? limit = null) =>
        await Task.Run(async () =>
        {
            await task;
            return true;
        }).WithinAsync(expected, limit);

    /// <summary>Asks again and again, for conditions that nobody announces, such as what another process holds.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T>> ask, Func<T, bool> isIt, string expected, TimeSpan? limit = null)
    {
        var deadline = Environment.TickCount64 + (long)(limit ?? Limit).TotalMilliseconds;
        while (true)
        {
            var answer = await ask();
            if (isIt(answer))
                return answer;
            if (Environment.TickCount64 > deadline)
                throw new TimeoutException($"Expected within {(limit ?? Limit).TotalSeconds} s: {expected}. The last answer was '{answer}'.");
            await Task.Delay(Pause);
        }
    }

    /// <inheritdoc cref="GetAsync{T}(Func{Task{T}}, Func{T, bool}, string, TimeSpan?)"/>
    public static Task TrueAsync(Func<bool> condition, string expected, TimeSpan? limit = null) =>
        GetAsync(() => Task.FromResult(condition()), static isTrue => isTrue, expected, limit);
}
