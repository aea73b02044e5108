using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore.Tests.Docs;

/// <summary>The tables of docs/operations.md against the instruments that there are.</summary>
public sealed class OperationsTests
{
    [Fact]
    public async Task Tables_name_every_metric_with_its_unit_and_nothing_else()
    {
        await using var host = await TestHost.StartAsync();
        var meters = host.Services.GetRequiredService<IMeterFactory>();
        await host.PublishAsync(new("a", "x", 1));
        var instruments = new List<string>();
        using (var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == ProgressDiagnostics.MeterName && instrument.Meter.Scope == meters)
                    instruments.Add($"{instrument.Name} {instrument.Unit}");
            },
        })
        {
            listener.Start();
        }

        var page = await File.ReadAllTextAsync(Path.Combine(Checkout.Root, "docs/operations.md"));
        var documented = Regex.Matches(page, @"^\| `(lexintel\.progress\.[a-z._]+)` \| `([^`]+)`", RegexOptions.Multiline).Select(match => $"{match.Groups[1].Value} {match.Groups[2].Value}");

        Assert.Equal(instruments.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }
}
