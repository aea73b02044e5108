using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace LexIntel.Progress.Testing;

/// <summary>One message that was logged.</summary>
/// <param name="Category">Who logged it.</param>
/// <param name="Level">How urgent it is.</param>
/// <param name="Id">Which message it is.</param>
/// <param name="Text">What an operator reads.</param>
/// <param name="Exception">The error, if it came with one.</param>
public sealed record LoggedMessage(string Category, LogLevel Level, EventId Id, string Text, Exception? Exception);

/// <summary>Keeps what is logged, from any thread and of any category, so that a test can look at it.</summary>
public sealed class CollectingLogger : ILoggerProvider, ILoggerFactory
{
    private readonly ConcurrentQueue<LoggedMessage> _messages = new();

    /// <summary>What was logged, oldest first.</summary>
    public IReadOnlyCollection<LoggedMessage> Messages => _messages;

    /// <summary>What was logged under a name of the message.</summary>
    public IReadOnlyList<LoggedMessage> Named(string name) => [.. _messages.Where(message => message.Id.Name == name)];

    /// <summary>Waits until a message of this name was logged.</summary>
    public async Task<LoggedMessage> WaitForAsync(string name)
    {
        await Eventually.TrueAsync(() => _messages.Any(message => message.Id.Name == name), $"a log message named {name}");
        return Named(name)[0];
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _messages);

    /// <inheritdoc/>
    public void AddProvider(ILoggerProvider provider)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private sealed class Logger(string category, ConcurrentQueue<LoggedMessage> messages) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            ArgumentNullException.ThrowIfNull(formatter);
            messages.Enqueue(new(category, logLevel, eventId, formatter(state, exception), exception));
        }
    }
}
