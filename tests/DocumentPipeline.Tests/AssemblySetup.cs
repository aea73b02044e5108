// Chromium, servers and tests share few cores; more at once would only make each one slower.
[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]
