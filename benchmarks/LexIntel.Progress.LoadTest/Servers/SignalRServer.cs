using Microsoft.AspNetCore.SignalR;
using StackExchange.Redis;

namespace LexIntel.Progress.LoadTest.Servers;

/// <summary>SignalR with its Redis backplane: a group per document, joined when the connection is made.</summary>
internal sealed class SignalRServer : IServerUnderTest
{
    public void Configure(WebApplicationBuilder builder, string redis) => AddTo(builder.Services, redis);

    public Task MapAsync(WebApplication app, string redis)
    {
        app.MapHub<ProgressHub>("/hub");
        return Task.CompletedTask;
    }

    /// <summary>The publisher is a part of the same backplane.</summary>
    public static void AddTo(IServiceCollection services, string redis) => services.AddSignalR().AddStackExchangeRedis(options =>
    {
        options.Configuration = ConfigurationOptions.Parse(redis);
        options.Configuration.ChannelPrefix = RedisChannel.Literal("progress");
    });

    /// <summary>Clients name their document in the query, as in "/hub?document=42".</summary>
    internal sealed class ProgressHub : Microsoft.AspNetCore.SignalR.Hub
    {
        public override Task OnConnectedAsync() =>
            Groups.AddToGroupAsync(Context.ConnectionId, Context.GetHttpContext()!.Request.Query["document"].ToString());
    }
}
