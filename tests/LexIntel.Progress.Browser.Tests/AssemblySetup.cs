// Chromium, servers and tests share few cores, and mostly wait; many more at once would only make each one slower.
[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]
[assembly: AssemblyFixture(typeof(LexIntel.Progress.Testing.Browser.Chromium))]
