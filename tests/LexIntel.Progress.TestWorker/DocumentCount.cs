namespace LexIntel.Progress.TestWorker;

internal sealed record DocumentCount(int Value);
