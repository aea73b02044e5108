namespace LexIntel.Progress.LoadTest.Servers;

/// <summary>The product, with the settings it has by default.</summary>
internal sealed class LexIntelServer : IServerUnderTest
{
    public void Configure(WebApplicationBuilder builder, string redis) => builder.Services.AddLexIntelProgress().UseRedis(redis);

    public Task MapAsync(WebApplication app, string redis)
    {
        app.MapProgressStream().AllowAnonymous();
        return Task.CompletedTask;
    }
}
