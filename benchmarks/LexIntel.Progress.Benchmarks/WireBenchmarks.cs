using BenchmarkDotNet.Attributes;
using LexIntel.Progress.AspNetCore;
using LexIntel.Progress.Wire;
using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.Benchmarks;

/// <summary>What happens to the bytes of a state: once per state (reading, framing), and once per reader (writing).</summary>
[MemoryDiagnoser]
public class WireBenchmarks
{
    private readonly byte[] _short = SampleStates.Json(full: false);
    private readonly byte[] _full = SampleStates.Json(full: true);
    private readonly StateFields _fields = SampleStates.Fields;
    private readonly State _state = new(SampleStates.Fields, StateOrigin.Stored);
    private readonly SseTransport _transport = new(new DefaultHttpContext { Response = { Body = Stream.Null } });

    /// <summary>A live update is read and checked as our own workers write it.</summary>
    [Benchmark]
    public bool ReadShort() => ShortReader.TryRead(_short, SampleStates.DocumentId, SampleStates.Fields.Timestamp, null, out _);

    /// <summary>The same as anybody may write it.</summary>
    [Benchmark]
    public int ReadShortLeniently() => Read(_short);

    /// <summary>A snapshot is read and checked.</summary>
    [Benchmark]
    public int ReadFull() => Read(_full);

    /// <summary>The bytes that all readers of a snapshot share.</summary>
    [Benchmark]
    public int RenderFull() => new State(_fields, StateOrigin.Stored).Json(full: true).Length;

    /// <summary>A state goes to one reader's response.</summary>
    [Benchmark]
    public ValueTask<bool> WriteToReader()
    {
        _transport.WriteState(_state, full: false);
        return _transport.FlushAsync(CancellationToken.None);
    }

    private static int Read(byte[] json) =>
        StateReader.Read(json, SampleStates.DocumentId, SampleStates.Fields.Timestamp, out var fields) == StateRejection.None
            ? fields.Message.Length
            : throw new InvalidOperationException("The sample was rejected.");
}
