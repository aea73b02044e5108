using Microsoft.Extensions.Options;

namespace LexIntel.Progress;

/// <summary>Checks the settings when the host starts; lists everything that is wrong at once.</summary>
internal sealed class ProgressClientOptionsValidator : IValidateOptions<ProgressClientOptions>
{
    public ValidateOptionsResult Validate(string? name, ProgressClientOptions options)
    {
        List<string> errors = [];
        var least = TimeSpan.FromMilliseconds(100);
        var longest = TimeSpan.FromMinutes(5);
        if (AddressProblem(options.BaseAddress) is { } problem)
            errors.Add($"{ProgressClientOptions.SectionName}:{nameof(options.BaseAddress)} {problem}");
        if (options.Prefix is null || (options.Prefix.Length > 0 && options.Prefix[0] != '/') || options.Prefix.AsSpan().IndexOfAny('?', '#') >= 0)
            errors.Add($"{ProgressClientOptions.SectionName}:{nameof(options.Prefix)} is '{options.Prefix}'; use a path that begins with a slash, such as '/progress'.");
        Check(nameof(options.HeartbeatInterval), options.HeartbeatInterval, least);
        Check(nameof(options.PollInterval), options.PollInterval, least);
        Check(nameof(options.RetryMax), options.RetryMax, TimeSpan.FromMilliseconds(10));
        Check(nameof(options.RetryMin), options.RetryMin, TimeSpan.FromMilliseconds(10));
        if (options.RetryMin > options.RetryMax && options.RetryMax >= TimeSpan.FromMilliseconds(10))
            errors.Add($"{ProgressClientOptions.SectionName}:{nameof(options.RetryMin)} is {options.RetryMin}; use a time up to {nameof(options.RetryMax)}, which is {options.RetryMax}.");
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Check(string setting, TimeSpan value, TimeSpan lowest)
        {
            if (value < lowest || value > longest)
                errors.Add($"{ProgressClientOptions.SectionName}:{setting} is {value}; use a time from {lowest} to {longest}.");
        }
    }

    /// <summary>What is wrong with an address, to stand behind its name; <see langword="null"/> when nothing is. Any scheme will do: service discovery has some of its own.</summary>
    public static string? AddressProblem(Uri? address)
    {
        if (address is null)
            return "is missing; pass the host's address, such as 'https://api.example.com'.";
        return address.IsAbsoluteUri && address.Query.Length == 0 && address.Fragment.Length == 0
            ? null
            : $"is '{address}'; use an absolute address without query and fragment, such as 'https://api.example.com'.";
    }
}
