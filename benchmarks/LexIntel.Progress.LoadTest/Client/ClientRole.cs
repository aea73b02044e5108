using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace LexIntel.Progress.LoadTest.Client;

/// <summary>The role of a process full of clients. It is told what to do line by line, and answers each line with one.</summary>
internal static class ClientRole
{
    private const int TurnMilliseconds = 5;

    /// <param name="arguments">Dialogue, path, port, last part of the source address, milliseconds between states of a document, and between polls.</param>
    public static int Run(string[] arguments)
    {
        var (port, source) = (int.Parse(arguments[2], CultureInfo.InvariantCulture), byte.Parse(arguments[3], CultureInfo.InvariantCulture));
        var (period, interval) = (Milliseconds(arguments[4]), Milliseconds(arguments[5]));
        using var client = new LoadClient(Dialogue.Create(arguments[0], arguments[1], interval), port, source, period);
        var commands = new ConcurrentQueue<string>();
        var isOver = false;
        new Thread(() =>
        {
            while (Console.In.ReadLine() is { } line)
                commands.Enqueue(line);
            Volatile.Write(ref isOver, true);
        })
        { IsBackground = true }.Start();

        var waitsFor = Wait.Nothing;
        var began = 0L;
        while (!Volatile.Read(ref isOver))
        {
            client.Turn(TurnMilliseconds);
            if (waitsFor == Wait.Nothing && commands.TryDequeue(out var line))
                waitsFor = Obey(client, line, ref began);
            else if ((waitsFor == Wait.ForOpen && client.Pending == 0) || (waitsFor == Wait.ForStates && client.Pending == 0 && client.WithoutState == 0))
                waitsFor = Answer(new Opening(client.OpenCount, (Stamp.Now - began) / 1e9, client.Failures));
        }

        return 0;
    }

    private static Wait Obey(LoadClient client, string line, ref long began)
    {
        switch (line.Split(' '))
        {
            // open FIRST COUNT DOCUMENTS: connections FIRST to FIRST + COUNT - 1, each to the document of its index.
            case ["open", var first, var count, var documents]:
                began = Stamp.Now;
                client.Open(Enumerable.Range(Number(first), Number(count)).Select(index => Documents.Id(index % Number(documents))));
                return Wait.ForOpen;
            case ["close"]:
                client.Close();
                return Answer(0);
            case ["return"]:
                began = Stamp.Now;
                client.Reopen();
                return Wait.ForStates;
            case ["reset"]:
                client.Reset();
                return Answer(0);
            case ["take"]:
                return Answer(client.Take());
            default:
                throw new ArgumentException($"A client does not understand '{line}'.");
        }
    }

    private static Wait Answer<T>(T answer)
    {
        Console.Out.WriteLine(JsonSerializer.Serialize(answer));
        return Wait.Nothing;
    }

    private static TimeSpan Milliseconds(string text) => TimeSpan.FromMilliseconds(double.Parse(text, CultureInfo.InvariantCulture));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private enum Wait
    {
        Nothing,
        ForOpen,
        ForStates,
    }
}
