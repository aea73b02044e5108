using System.Reflection;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.AspNetCore.Tests;

public sealed class LogTests
{
    [Fact]
    public void Log_event_ids_are_unique_beside_those_of_the_core()
    {
        var ids = new[] { typeof(Log), typeof(Diagnostics.Log) }
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId)
            .OfType<int>().ToList();

        Assert.InRange(ids.Count, 15, 1000);
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }
}
