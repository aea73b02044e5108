namespace LexIntel.Progress.LoadTest.Servers;

/// <summary>One way to bring states to clients.</summary>
internal interface IServerUnderTest
{
    /// <summary>Adds its services.</summary>
    void Configure(WebApplicationBuilder builder, string redis);

    /// <summary>Maps its endpoints, and connects to what it needs.</summary>
    Task MapAsync(WebApplication app, string redis);
}
