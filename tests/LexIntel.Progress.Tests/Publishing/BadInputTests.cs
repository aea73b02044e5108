using LexIntel.Progress.Tests.Support;

namespace LexIntel.Progress.Tests.Publishing;

/// <summary>What is refused at the call, with a text that names the value, the limit and the remedy.</summary>
public sealed class BadInputTests : IAsyncDisposable
{
    private readonly ProgressApp _app = ProgressApp.Create();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public static TheoryData<string> IdNames => new("257 bytes", "129 umlauts", "empty", "dot", "dots", "line end", "NUL", "DEL", "half a pair");

    [Theory]
    [MemberData(nameof(IdNames))]
    public async Task Every_entrance_refuses_a_bad_id(string name)
    {
        var id = Id(name);

        var publish = await Assert.ThrowsAsync<ArgumentException>(() => _app.Publisher.PublishAsync(new(id, "x", 1)).AsTask());
        var start = Assert.Throws<ArgumentException>(() => { _app.Publisher.Start(id); });
        var track = await Assert.ThrowsAsync<ArgumentException>(() => _app.Publisher.TrackAsync(id, null, (_, _) => Task.CompletedTask));
        var get = await Assert.ThrowsAsync<ArgumentException>(() => _app.Subscriber.GetSnapshotAsync(id).AsTask());
        var subscribe = Assert.Throws<ArgumentException>(() => { _app.Subscriber.SubscribeAsync(id); });

        Assert.All([publish, start, track, get, subscribe], error => Assert.Matches("(Pass|Choose|Remove|Use) ", error.Message));
    }

    [Theory]
    [MemberData(nameof(IdNames))]
    public async Task PublishAsync_bad_batch_id_is_refused(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => _app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 1) { BatchId = Id(name) }).AsTask());
        Assert.Throws<ArgumentException>(() => { _app.Publisher.Start("a", null, new() { BatchId = Id(name) }); });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FlushAsync_negative_limit_is_refused_whether_or_not_anything_was_reported(bool isReported)
    {
        if (isReported)
            await _app.Publisher.PublishAsync(new("a", "x", 1));

        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _app.Publisher.FlushAsync(TimeSpan.FromSeconds(-2)));

        Assert.Equal("limit", error.ParamName);
        Assert.Contains("Timeout.InfiniteTimeSpan", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(-0.0001)]
    [InlineData(101)]
    [InlineData(100.0001)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public async Task PublishAsync_percentage_out_of_range_is_refused(double percent)
    {
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _app.Publisher.PublishAsync(new("contract-7", "x", percent)).AsTask());

        Assert.Equal(percent, error.ActualValue);
        Assert.Contains("'contract-7'", error.Message, StringComparison.Ordinal);
        Assert.Contains("from 0 to 100", error.Message, StringComparison.Ordinal);
        Assert.Contains("Clamp", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(6)]
    public async Task PublishAsync_undefined_status_is_refused(int status)
    {
        var error = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _app.Publisher.PublishAsync(new ProgressUpdate("a", "x", 1) { Status = (ProgressStatus)status }).AsTask());

        Assert.Contains("ProgressStatus", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PublishAsync_nulls_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(() => _app.Publisher.PublishAsync(null!).AsTask());
        await Assert.ThrowsAsync<ArgumentNullException>(() => _app.Publisher.PublishAsync(new(null!, "x", 1)).AsTask());
        await Assert.ThrowsAsync<ArgumentNullException>(() => _app.Publisher.PublishAsync(new("a", null!, 1)).AsTask());
        await Assert.ThrowsAsync<ArgumentNullException>(() => _app.Publisher.PublishAsync(new("a", "x", 1, null!)).AsTask());
        await Assert.ThrowsAsync<ArgumentNullException>(() => _app.Publisher.TrackAsync("a", null, null!));
    }

    [Fact]
    public async Task PublishAsync_refused_update_publishes_nothing()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => _app.Publisher.PublishAsync(new("a", "x", 101)).AsTask());
        await _app.FlushAsync();

        Assert.Null(await _app.Subscriber.GetSnapshotAsync("a"));
    }

    [Fact]
    public async Task PublishAsync_cancelled_token_publishes_nothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _app.Publisher.PublishAsync(new("a", "x", 1), new CancellationToken(true)).AsTask());
        await _app.FlushAsync();

        Assert.Null(await _app.Subscriber.GetSnapshotAsync("a"));
    }

    [Fact]
    public async Task PublishAsync_after_dispose_says_so()
    {
        var publisher = _app.Publisher;
        await publisher.PublishAsync(new("a", "x", 1));
        await _app.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => publisher.PublishAsync(new("a", "x", 1)).AsTask());
        Assert.Throws<ObjectDisposedException>(() => { publisher.Start("a"); });
    }

    private static string Id(string name) => name switch
    {
        "257 bytes" => new('x', 257),
        "129 umlauts" => new('ü', 129),
        "empty" => "",
        "dot" => ".",
        "dots" => "..",
        "line end" => "a\nb",
        "NUL" => "a\0b",
        "DEL" => "a\u007fb",
        _ => "a\ud83cb",
    };
}
