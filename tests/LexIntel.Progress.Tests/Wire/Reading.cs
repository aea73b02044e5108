using System.Text;
using LexIntel.Progress.Wire;

namespace LexIntel.Progress.Tests.Wire;

/// <summary>Short forms for tests of the reader.</summary>
internal static class Reading
{
    public static readonly DateTimeOffset Now = new(2026, 1, 3, 12, 0, 0, TimeSpan.Zero);

    public static StateRejection Read(string json, out StateFields fields, string documentId = "a") =>
        StateReader.Read(Encoding.UTF8.GetBytes(json), documentId, Now, out fields);

    public static StateFields Read(string json, string documentId = "a")
    {
        Assert.Equal(StateRejection.None, Read(json, out var fields, documentId));
        return fields;
    }
}
