using System.Reflection;

namespace LexIntel.Progress.Redis;

/// <summary>
/// The offers, as atomic scripts: of documents on one string key each, <c>offer.lua</c>, and of a batch's members on its hash, <c>batch.lua</c>.
/// They are files of their own so that workers in other languages can use them too. The same rules in C#: <see cref="InProcess.StoredDocument"/>
/// and <see cref="InProcess.StoredBatch"/>.
/// </summary>
internal static class RedisScripts
{
    /// <summary>Arguments before those of the first document.</summary>
    public const int CommonArguments = 1;

    /// <summary>Arguments of each document.</summary>
    public const int ArgumentsPerDocument = 3;

    /// <summary>Arguments of a batch before those of its first member.</summary>
    public const int BatchArguments = 10;

    /// <summary>Arguments of each member.</summary>
    public const int ArgumentsPerMember = 2;

    public static string Offer { get; } = Read("offer.lua");

    public static string Batch { get; } = Read("batch.lua");

    /// <summary>A script with sharded channels: of a Cluster's nodes only those that hold the key's slot get the message.</summary>
    public static string Sharded(string script) => script.Replace("'PUBLISH'", "'SPUBLISH'", StringComparison.Ordinal);

    private static string Read(string name)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }
}
