using System.Buffers.Binary;
using System.Text;
using DocumentPipeline.Processing;
using DocumentPipeline.Reading;
using DocumentPipeline.Tests.Support;

namespace DocumentPipeline.Tests;

/// <summary>From bytes to pages, passages and vectors.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("latin1")]
    public void Text_is_read_in_its_encoding(string encoding)
    {
        using var folder = new WorkFolder();
        var with = Encoding.GetEncoding(encoding);
        var path = folder.File("text.txt", [.. with.GetPreamble(), .. with.GetBytes("Zoë\r\nMüller")]);

        Assert.Equal(["Zoë", "Müller"], PlainText.ReadParagraphs(path).Where(line => line.Length > 0));
    }

    [Fact]
    public void Pages_begin_at_form_feeds_and_when_they_are_full()
    {
        var line = new string('a', 2_000);
        using var pages = new TextPages([line, line, "\fnew page", new string('b', 7_000)], maxPages: 100);

        Assert.Equal([2_000, 2_000, 8, 3_000, 3_000, 1_000], Enumerable.Range(1, pages.PageCount).Select(number => pages.ReadPage(number).Length));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(899)]
    [InlineData(5_000)]
    public void Passages_cover_a_page_without_spaces(int length)
    {
        var page = string.Concat(Enumerable.Range(0, length).Select(i => (char)('a' + (i % 26))));
        var chunks = Chunker.Cut(page).ToList();

        Assert.All(chunks, chunk => Assert.InRange(chunk.Length, 1, 900));
        Assert.All(chunks, chunk => Assert.Contains(chunk, page, StringComparison.Ordinal));
        Assert.True(chunks.Sum(chunk => chunk.Length) >= length);
    }

    [Fact]
    public void Passages_are_cut_between_words_and_never_inside_a_character()
    {
        var page = string.Concat(Enumerable.Repeat("Vertragsstrafe 👩‍⚖️ ", 300)) + string.Concat(Enumerable.Repeat("👩", 2_000));

        Assert.All(Chunker.Cut(page), chunk => Assert.DoesNotContain('\uFFFD', Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(chunk))));
        Assert.StartsWith("Vertragsstrafe", Chunker.Cut(page).First(), StringComparison.Ordinal);
    }

    [Fact]
    public void Vectors_have_length_1_and_similar_texts_are_near()
    {
        var claim = Vector("The carrier is liable for the loss of the goods.");
        var near = Vector("For the loss of the goods the carrier is liable.");
        var far = Vector("Wir danken für Ihr Schreiben vom gestrigen Tage.");

        Assert.Equal(1, Dot(claim, claim), 5);
        Assert.True(Dot(claim, near) > 0.5, $"{Dot(claim, near)}");
        Assert.True(Dot(claim, far) < 0.2, $"{Dot(claim, far)}");
    }

    [Fact]
    public void Vector_of_no_words_is_zero() => Assert.All(Vector("… !"), value => Assert.Equal(0, value));

    private static float[] Vector(string text)
    {
        var bytes = FeatureHash.Embed(text);
        return [.. Enumerable.Range(0, FeatureHash.Dimensions).Select(i => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float))))];
    }

    private static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
