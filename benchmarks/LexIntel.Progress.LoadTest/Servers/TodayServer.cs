using StackExchange.Redis;

namespace LexIntel.Progress.LoadTest.Servers;

/// <summary>The design that is common today: each client's request opens a Redis connection of its own and copies messages to the response.</summary>
internal sealed class TodayServer : IServerUnderTest
{
    public void Configure(WebApplicationBuilder builder, string redis)
    {
    }

    public Task MapAsync(WebApplication app, string redis)
    {
        app.MapGet("/progress/documents/{id}/stream", (string id, HttpContext context) => StreamAsync(context, id, redis));
        return Task.CompletedTask;
    }

    private static async Task StreamAsync(HttpContext context, string id, string redis)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync(redis);
        var queue = await connection.GetSubscriber().SubscribeAsync(RedisChannel.Literal($"document:{id}:progress"));
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync();
        try
        {
            while (true)
            {
                var message = await queue.ReadAsync(context.RequestAborted);
                await context.Response.WriteAsync($"data: {message.Message}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The client left.
        }
    }
}
