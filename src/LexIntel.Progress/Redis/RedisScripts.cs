using System.Reflection;

namespace LexIntel.Progress.Redis;

/// <summary>
/// The offer, as one atomic script on one string key per document: <c>offer.lua</c>, a file of its own so that workers in other languages
/// can use it too. The same rules in C#: <see cref="InProcess.StoredDocument"/>.
/// </summary>
internal static class RedisScripts
{
    /// <summary>Arguments before those of the first document.</summary>
    public const int CommonArguments = 1;

    /// <summary>Arguments of each document.</summary>
    public const int ArgumentsPerDocument = 7;

    public static string Offer { get; } = Read("offer.lua");

    private static string Read(string name)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }
}
