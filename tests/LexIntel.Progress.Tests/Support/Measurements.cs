using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.Tests.Support;

/// <summary>What the instruments of one process say, as an exporter would see it.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly ConcurrentDictionary<string, double> _sums = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Instrument> _instruments = new(StringComparer.Ordinal);
    private readonly MeterListener _listener = new();

    public Measurements(IServiceProvider services)
    {
        var meters = services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != ProgressDiagnostics.MeterName || instrument.Meter.Scope != meters)
                return;
            _instruments[instrument.Name] = instrument;
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyCollection<Instrument> Instruments => [.. _instruments.Values];

    /// <summary>The tags that were ever seen, as <c>name=value</c>.</summary>
    public IEnumerable<string> Tags => _sums.Keys.Where(key => key.Contains('{', StringComparison.Ordinal)).SelectMany(key => key[(key.IndexOf('{', StringComparison.Ordinal) + 1)..^1].Split(','));

    /// <summary>The sum of a counter, the level of a gauge, the number of a histogram's entries: <c>updates.stored{status=completed}</c>, without the common prefix.</summary>
    public double this[string key]
    {
        get
        {
            foreach (var (name, _) in _sums.Where(pair => Instrument(pair.Key).IsObservable))
                _sums[name] = 0;
            _listener.RecordObservableInstruments();
            return _sums.GetValueOrDefault(key);
        }
    }

    public void Dispose() => _listener.Dispose();

    private Instrument Instrument(string key) => _instruments["lexintel.progress." + key.Split('{')[0]];

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var key = instrument.Name["lexintel.progress.".Length..];
        if (tags.Length > 0)
            key += $"{{{string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}}}";
        _sums.AddOrUpdate(key, One(), (_, sum) => sum + One());

        double One() => instrument is Histogram<double> ? 1 : value;
    }
}
