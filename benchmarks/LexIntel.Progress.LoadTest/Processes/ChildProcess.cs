using System.Diagnostics;
using System.Threading.Channels;

namespace LexIntel.Progress.LoadTest.Processes;

/// <summary>A process that this one started: it is asked on standard input and answers, one line each, on standard output.</summary>
internal sealed class ChildProcess : IDisposable
{
    private const int KeptErrors = 40;

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly Queue<string> _errors = new();

    public ChildProcess(string name, string program, IEnumerable<string> arguments, IEnumerable<(string Name, string Value)> environment, string? directory = null)
    {
        Name = name;
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (directory is not null)
            start.WorkingDirectory = directory;
        foreach (var (variable, value) in environment)
            start.Environment[variable] = value;
        _process = Process.Start(start) ?? throw new InvalidOperationException($"'{program}' could not be started.");
        Id = _process.Id;
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
                _lines.Writer.TryWrite(text);
            else
                _lines.Writer.TryComplete();
        };
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Name { get; }

    public int Id { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>The last lines of standard error: where a server that breaks says why.</summary>
    public string[] Errors
    {
        get
        {
            lock (_errors)
                return [.. _errors];
        }
    }

    public void Send(string line)
    {
        try
        {
            _process.StandardInput.WriteLine(line);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended; whoever waits for its answer learns that.
        }
    }

    /// <summary>The next line of its output.</summary>
    /// <exception cref="InvalidOperationException">It ended.</exception>
    public async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _lines.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException)
        {
            await _process.WaitForExitAsync(cancellationToken);
            throw new InvalidOperationException($"{Name} ended with code {_process.ExitCode}. {string.Join(' ', Errors.TakeLast(5))}");
        }
    }

    public async Task<string> AskAsync(string question, CancellationToken cancellationToken)
    {
        Send(question);
        return await ReadAsync(cancellationToken);
    }

    /// <summary>Waits for its end; the code it ended with.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        lock (_errors)
        {
            _errors.Enqueue(line);
            if (_errors.Count > KeptErrors)
                _errors.Dequeue();
        }
    }
}
