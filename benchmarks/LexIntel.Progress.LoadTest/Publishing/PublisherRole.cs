using System.Globalization;
using System.Text.Json;
using LexIntel.Progress.LoadTest.Publishing.Messages;
using LexIntel.Progress.LoadTest.Servers;
using LexIntel.Progress.LoadTest.Stores;

namespace LexIntel.Progress.LoadTest.Publishing;

/// <summary>The role of the workers: publishes at a steady rate, document after document.</summary>
internal static class PublisherRole
{
    /// <param name="arguments">The kind of worker, where it publishes, how many documents there are, updates per second of all of them, and the server's port.</param>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var documents = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        var rate = double.Parse(arguments[3], CultureInfo.InvariantCulture);
        IUpdateSink sink = arguments[0] switch
        {
            "product" or "product-sharded" => new ProductSink(arguments[1], documents, arguments[0] != "product", TimeSpan.FromSeconds(documents / Math.Max(rate, 1e-3))),
            "plain" => new PlainSink(arguments[1], documents, new JsonForm(static id => $"document:{id}:progress")),
            "graphql" => new PlainSink(arguments[1], documents, new JsonForm(static id => $"progress:{id}")),
            "socket.io" => new PlainSink(arguments[1], documents, new SocketIoForm()),
            "nchan" => new NchanSink(int.Parse(arguments[4], CultureInfo.InvariantCulture)),
            "postgres" => new DatabaseSink(StoreKind.Postgres, arguments[1]),
            "sqlite" => new DatabaseSink(StoreKind.Sqlite, arguments[1]),
            "signalr" => new SignalRSink(arguments[1], documents),
            _ => throw new ArgumentException($"There is no publisher '{arguments[0]}'."),
        };
        using var closing = sink as IDisposable;
        var flow = new Flow(sink, documents, rate);
        Console.WriteLine("ready");
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line)
            {
                // One update of each document.
                case "once":
                    flow.PublishEach();
                    await sink.FlushAsync();
                    Console.WriteLine("done");
                    break;
                case var burst when burst.StartsWith("burst ", StringComparison.Ordinal):
                    Console.WriteLine(JsonSerializer.Serialize(await flow.BurstAsync(int.Parse(burst.AsSpan("burst ".Length), CultureInfo.InvariantCulture))));
                    break;
                case "settle":
                    RuntimeUse.Settle();
                    Console.WriteLine("settled");
                    break;
                case "start":
                    flow.Start();
                    Console.WriteLine("started");
                    break;
                case "stop":
                    Console.WriteLine(JsonSerializer.Serialize(flow.Stop()));
                    break;
                default:
                    throw new ArgumentException($"A publisher does not understand '{line}'.");
            }
        }

        return 0;
    }
}
