using System.Text;
using LexIntel.Progress.Http;

namespace LexIntel.Progress.Tests.Http;

public sealed class EventBytesTests
{
    private const int Bound = EventBytes.MostPerEvent;

    [Theory]
    [InlineData("data: ", "x")]
    [InlineData("", "data: x\n")]
    [InlineData("", "data: x\r\n")]
    [InlineData("", "data: x\r")]
    [InlineData("", "id: 1\n")]
    [InlineData(": ", "x")]
    public async Task Event_beyond_the_bound_breaks_the_stream(string first, string again)
    {
        var within = first + string.Concat(Enumerable.Repeat(again, (Bound - first.Length) / again.Length));

        await ReadAsync(within);
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(within + again + again));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Events_within_the_bound_go_on_for_ever(string lineEnd)
    {
        var one = $"id: 1-1{lineEnd}data: {new string('x', 1_000)}{lineEnd}{lineEnd}";

        await ReadAsync(string.Concat(Enumerable.Repeat(one, 3 * Bound / one.Length)));
    }

    private static async Task ReadAsync(string text)
    {
        using var silence = new Silence(TimeSpan.FromHours(1), TimeProvider.System, CancellationToken.None);
        await using var bytes = new EventBytes(new MemoryStream(Encoding.UTF8.GetBytes(text)), silence);
        // A prime, so that line ends fall on both sides of the seams.
        var buffer = new byte[1_009];
        while (await bytes.ReadAsync(buffer) > 0)
        {
        }
    }
}
