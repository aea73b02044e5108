using System.Text.Json;

namespace LexIntel.Progress.Wire;

/// <summary>Reads the array of steps; entries that are not steps are passed over.</summary>
internal static class StepsReader
{
    public static ProgressStep[]? Read(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartArray)
            return null;
        var steps = new List<ProgressStep>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.StartObject)
                json.Skip();
            else if (ReadStep(ref json) is { } step && steps.Count < StateLimits.Steps)
                steps.Add(step);
        }

        return [.. steps];
    }

    private static ProgressStep? ReadStep(ref Utf8JsonReader json)
    {
        string? name = null;
        var status = ProgressStatus.Processing;
        DateTimeOffset? started = null;
        TimeSpan? duration = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var property = json.GetString();
            json.Read();
            switch (property)
            {
                case "name":
                    name = StateReader.Text(ref json);
                    break;
                case "status" when json.TokenType == JsonTokenType.String:
                    if (StateReader.TryReadStatus(ref json, out var known))
                        status = known;
                    break;
                case "started":
                    started = StateReader.ReadTime(ref json);
                    break;
                case "seconds":
                    duration = StateReader.ReadSeconds(ref json);
                    break;
            }

            json.Skip();
        }

        return name is { Length: > 0 } && started is { } time
            ? new(StateLimits.Cut(name, StateLimits.StepLength), status, time, duration)
            : null;
    }
}
