using System.Globalization;

namespace LexIntel.Progress.LoadTest.Processes;

/// <summary>What the kernel says a process has used (proc(5)).</summary>
/// <param name="Cpu">Processor time since its start, in user mode and in the kernel.</param>
/// <param name="Kernel">The kernel's part of it.</param>
/// <param name="Resident">Resident memory, in bytes.</param>
/// <param name="Files">Open files.</param>
internal readonly record struct ProcessUse(TimeSpan Cpu, TimeSpan Kernel, long Resident, int Files)
{
    // USER_HZ is 100 on every Linux that .NET runs on.
    private const double TicksPerSecond = 100;
    private const int UserTimeField = 11;
    private const int KernelTimeField = 12;

    /// <summary>A process and its children, such as the workers of nginx.</summary>
    public static ProcessUse Of(int processId)
    {
        var sum = OfOne(processId);
        var children = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/task/{processId}/children");
        if (!File.Exists(children))
            return sum;
        foreach (var child in File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            sum += Of(int.Parse(child, CultureInfo.InvariantCulture));
        return sum;
    }

    public static ProcessUse operator +(ProcessUse left, ProcessUse right) =>
        new(left.Cpu + right.Cpu, left.Kernel + right.Kernel, left.Resident + right.Resident, left.Files + right.Files);

    private static ProcessUse OfOne(int processId)
    {
        var folder = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}");
        if (!Directory.Exists(folder))
            return default;
        var stat = File.ReadAllText($"{folder}/stat");
        // The name stands in brackets and may hold spaces and brackets; the fields are counted from behind the last one.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var (user, kernel) = (Seconds(fields[UserTimeField]), Seconds(fields[KernelTimeField]));
        var pages = long.Parse(File.ReadAllText($"{folder}/statm").Split(' ')[1], CultureInfo.InvariantCulture);
        return new(user + kernel, kernel, pages * Environment.SystemPageSize, Directory.EnumerateFileSystemEntries($"{folder}/fd").Count());
    }

    private static TimeSpan Seconds(string ticks) => TimeSpan.FromSeconds(long.Parse(ticks, CultureInfo.InvariantCulture) / TicksPerSecond);
}
