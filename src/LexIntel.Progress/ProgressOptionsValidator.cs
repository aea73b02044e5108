using Microsoft.Extensions.Options;

namespace LexIntel.Progress;

/// <summary>Checks the settings when the host starts; lists everything that is wrong at once.</summary>
internal sealed class ProgressOptionsValidator : IValidateOptions<ProgressOptions>
{
    public ValidateOptionsResult Validate(string? name, ProgressOptions options)
    {
        List<string> errors = [];
        Check(errors, nameof(options.PublishInterval), options.PublishInterval, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Check(errors, nameof(options.BatchInterval), options.BatchInterval, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Check(errors, nameof(options.Retention), options.Retention, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365));
        Check(errors, nameof(options.Lease), options.Lease, TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(10));
        Check(errors, nameof(options.QuietInterval), options.QuietInterval, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Check(errors, nameof(options.Linger), options.Linger, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Check(errors, nameof(options.BackplaneTimeout), options.BackplaneTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1));
        Check(errors, nameof(options.ShutdownFlush), options.ShutdownFlush, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        if (options.OutboxCapacity is < 1 or > 10_000_000)
            errors.Add($"{ProgressOptions.SectionName}:{nameof(options.OutboxCapacity)} is {options.OutboxCapacity}; use a number from 1 to 10,000,000.");
        if (options.Prefix is null || options.Prefix.Length > 64 || options.Prefix.Any(char.IsControl))
            errors.Add($"{ProgressOptions.SectionName}:{nameof(options.Prefix)} must be at most 64 characters without control characters; use a short word, such as 'staging:'.");
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>Adds an error when a time is outside its range.</summary>
    public static void Check(List<string> errors, string name, TimeSpan value, TimeSpan lowest, TimeSpan highest)
    {
        if (value < lowest || value > highest)
            errors.Add($"{ProgressOptions.SectionName}:{name} is {value}; use a time from {lowest} to {highest}.");
    }
}
