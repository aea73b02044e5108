using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;

namespace DocumentPipeline;

/// <summary>Checks the settings and lists all that is wrong at once.</summary>
internal sealed class PipelineOptionsValidator : IValidateOptions<PipelineOptions>
{
    public ValidateOptionsResult Validate(string? name, PipelineOptions options)
    {
        List<string> failures = [];
        if (string.IsNullOrWhiteSpace(options.WorkingFolder))
            failures.Add("Pipeline:WorkingFolder is empty. Name a folder, such as 'work'.");
        Check(options.PageDelay, TimeSpan.Zero, TimeSpan.FromMinutes(1));
        Check(options.Parallelism, 1, 64);
        Check(options.MaxUploadBytes, 1024, 1024L * 1024 * 1024);
        Check(options.MaxPages, 1, 100_000);
        Check(options.MaxUnpackedBytes, 1024, 2048L * 1024 * 1024);
        Check(options.MaxArchiveEntries, 1, 100_000);
        Check(options.MaxProcessingTime, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Check(options.ClaimTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Check(options.MaxTries, 1, 100);
        Check(options.RetryDelay, TimeSpan.Zero, TimeSpan.FromHours(1));
        Check(options.PollInterval, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Check<T>(T value, T lowest, T highest, [CallerArgumentExpression(nameof(value))] string expression = "")
            where T : IComparable<T>
        {
            if (value.CompareTo(lowest) < 0 || value.CompareTo(highest) > 0)
                failures.Add($"Pipeline:{expression["options.".Length..]} is {value}; it must be from {lowest} to {highest}.");
        }
    }
}
