namespace LexIntel.Progress.Backplane;

/// <summary>The backplane answers, and cannot do what is needed, now or later: waiting does not mend it. The message says what is missing and what to do.</summary>
internal sealed class BackplaneUnsupportedException(string message, Exception? innerException = null) : InvalidOperationException(message, innerException);
