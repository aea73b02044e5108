using System.Text;

namespace LexIntel.Progress.Wire;

/// <summary>Statuses as they are written.</summary>
internal static class StatusNames
{
    private static readonly string[] Names = [.. Enum.GetValues<ProgressStatus>().Select(status => status.ToString().ToLowerInvariant())];

    public static string Name(ProgressStatus status) => Names[(int)status];

    /// <summary>The letter of a status in a batch's entries. A batch does not tell retrying from processing.</summary>
    public static char Letter(ProgressStatus status) => status switch
    {
        ProgressStatus.Pending => 'p',
        ProgressStatus.Completed => 'c',
        ProgressStatus.Failed => 'f',
        ProgressStatus.Cancelled => 'x',
        _ => 'r',
    };

    /// <summary>Reads a status; publishers that are not ours may write capitals.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out ProgressStatus status)
    {
        for (var i = 0; i < Names.Length; i++)
        {
            if (Ascii.EqualsIgnoreCase(utf8, Names[i]))
            {
                status = (ProgressStatus)i;
                return true;
            }
        }

        status = default;
        return false;
    }
}
