namespace LexIntel.Progress.Tests;

public sealed class WalkTests
{
    [Fact]
    public void TryNext_goes_round()
    {
        var walk = new Walk<int>([1, 2, 3]);

        Assert.Equal([1, 2, 3, 1, 2, 3, 1], Take(walk, 7));
    }

    [Fact]
    public void TryNext_finds_nothing_where_nothing_is_and_finds_it_when_it_is_there()
    {
        var all = new List<int>();
        var walk = new Walk<int>(all);

        Assert.Empty(Take(walk, 2));
        all.Add(1);
        Assert.Equal([1, 1], Take(walk, 2));
    }

    [Fact]
    public void TryNext_sees_what_came_and_not_what_left_in_the_next_round()
    {
        var all = new System.Collections.Concurrent.ConcurrentDictionary<int, bool> { [1] = true, [2] = true };
        var walk = new Walk<KeyValuePair<int, bool>>(all);
        Take(walk, 2);

        all[3] = true;
        all.TryRemove(1, out _);

        Assert.Equal([2, 3], Take(walk, 3).Select(static entry => entry.Key).Distinct().Order());
    }

    private static List<T> Take<T>(Walk<T> walk, int count)
    {
        List<T> taken = [];
        for (var i = 0; i < count && walk.TryNext(out var next); i++)
            taken.Add(next);
        return taken;
    }
}
