namespace LexIntel.Progress.Tests.Support;

/// <summary>The backplanes that pass the same contract tests.</summary>
public enum BackplaneKind
{
    InProcess,
    Garnet,
    Redis,
    Cluster,
    ShardedCluster,
}
