using System.Diagnostics;
using System.Globalization;

namespace LexIntel.Progress.Testing;

/// <summary>A rule of this machine's firewall that drops every packet of one port of the loopback, both ways, without a word to anybody.</summary>
public sealed class Firewall : IDisposable
{
    private readonly int _port;

    private Firewall(int port)
    {
        _port = port;
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        Change("-I");
    }

    /// <summary>Why there can be no rule here; <see langword="null"/> when there can.</summary>
    public static string? WhyMissing { get; } = Run("-L", "INPUT", "-n") ? null : "iptables is not installed or may not be used by this user. Install it, and run the tests as root.";

    /// <summary>Drops what goes to and comes from a port, until the result is disposed.</summary>
    public static Firewall Block(int port) => new(port);

    /// <inheritdoc/>
    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnExit;
        Change("-D");
    }

    private void Change(string what)
    {
        foreach (var side in (string[])["--dport", "--sport"])
        {
            if (!Run(what, "INPUT", "-i", "lo", "-p", "tcp", side, _port.ToString(CultureInfo.InvariantCulture), "-j", "DROP"))
                throw new InvalidOperationException($"iptables {what} failed for port {_port}.");
        }
    }

    private void OnExit(object? sender, EventArgs args) => Change("-D");

    private static bool Run(params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("iptables", ["-w", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
