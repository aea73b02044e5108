using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress;

/// <summary>What <c>AddLexIntelProgress()</c> returns, to say more.</summary>
public sealed class ProgressBuilder
{
    internal ProgressBuilder(IServiceCollection services) => Services = services;

    /// <summary>The services of the host.</summary>
    public IServiceCollection Services { get; }
}
