using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using LexIntel.Progress.Testing;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.AspNetCore.Tests.Docs;

/// <summary>The table of docs/options.md against the code: every setting, its default, and both ends of its range.</summary>
public sealed class OptionsTests
{
    private static readonly Dictionary<string, (string Default, string Range)> Rows = Regex
        .Matches(File.ReadAllText(Path.Combine(Checkout.Root, "docs/options.md")), @"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", RegexOptions.Multiline)
        .ToDictionary(match => match.Groups[1].Value, match => (match.Groups[2].Value.Trim(), match.Groups[3].Value.Trim()), StringComparer.Ordinal);

    public static TheoryData<string> Settings =>
        [.. Properties(typeof(ProgressOptions)).Concat(Properties(typeof(ProgressStreamOptions))).Select(property => property.Name)];

    [Fact]
    public void Table_names_every_setting_and_nothing_else() =>
        Assert.Equal(Settings.Select(row => row.Data).Order(StringComparer.Ordinal), Rows.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Settings))]
    public void Default_is_the_documented_one(string setting)
    {
        var (options, property) = Find(setting);

        var value = property.GetValue(options);

        Assert.Equal(Rows[setting].Default, value switch
        {
            TimeSpan time => Text(time),
            int number => number.ToString("N0", CultureInfo.InvariantCulture),
            bool isOn => isOn ? "on" : "off",
            "" => "empty",
            null or System.Collections.ICollection { Count: 0 } => "none",
            _ => value.ToString(),
        });
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void Range_is_the_documented_one(string setting)
    {
        var (options, property) = Find(setting);
        if (Regex.Match(Rows[setting].Range, "^(.+) to (.+)$") is not { Success: true } range)
            return;
        var (least, most) = (range.Groups[1].Value, range.Groups[2].Value);
        if (property.PropertyType == typeof(TimeSpan))
        {
            var lowest = least.StartsWith('`') ? (TimeSpan)Find(least.Trim('`')).Property.GetValue(options)! : Time(least);
            Check(lowest, Time(most), lowest - TimeSpan.FromTicks(1), Time(most) + TimeSpan.FromTicks(1));
        }
        else if ((Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) == typeof(int))
        {
            var (lowest, highest) = (int.Parse(least, NumberStyles.AllowThousands, CultureInfo.InvariantCulture), int.Parse(most, NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
            Check(lowest, highest, lowest - 1, highest + 1);
        }

        void Check(object lowest, object highest, object tooLow, object tooHigh)
        {
            Assert.Equal([true, true, false, false], new[] { lowest, highest, tooLow, tooHigh }.Select(IsValid));
        }

        bool IsValid(object value)
        {
            var (fresh, same) = Find(setting);
            same.SetValue(fresh, value);
            // Its own complaint only: the end of one range may be outside of another that depends on it.
            return !Failures(fresh).Any(failure => failure.StartsWith($"{ProgressOptions.SectionName}:{setting} ", StringComparison.Ordinal));
        }
    }

    private static PropertyInfo[] Properties(Type options) => options.GetProperties();

    private static (object Options, PropertyInfo Property) Find(string setting) =>
        typeof(ProgressOptions).GetProperty(setting) is { } core ? (new ProgressOptions(), core) : (new ProgressStreamOptions(), typeof(ProgressStreamOptions).GetProperty(setting)!);

    private static IEnumerable<string> Failures(object options)
    {
        if (options is ProgressOptions core)
            return new ProgressOptionsValidator().Validate(null, core).Failures ?? [];
        try
        {
            ((ProgressStreamOptions)options).Validate();
            return [];
        }
        catch (OptionsValidationException invalid)
        {
            return invalid.Failures;
        }
    }

    private static string Text(TimeSpan time) => time switch
    {
        { Ticks: 0 } => "0",
        { TotalSeconds: < 1 } => $"{time.TotalMilliseconds} ms",
        { TotalSeconds: < 60 } => $"{time.TotalSeconds} s",
        { TotalMinutes: >= 1 and < 60 } => $"{time.TotalMinutes} min",
        _ => $"{time.TotalHours} h",
    };

    private static TimeSpan Time(string text)
    {
        if (text == "0")
            return TimeSpan.Zero;
        var parts = text.Split(' ');
        var number = double.Parse(parts[0], CultureInfo.InvariantCulture);
        return parts[1] switch
        {
            "ms" => TimeSpan.FromMilliseconds(number),
            "s" => TimeSpan.FromSeconds(number),
            "min" => TimeSpan.FromMinutes(number),
            "h" => TimeSpan.FromHours(number),
            "d" => TimeSpan.FromDays(number),
            _ => throw new FormatException($"'{text}' is not a time such as '5 s'."),
        };
    }
}
