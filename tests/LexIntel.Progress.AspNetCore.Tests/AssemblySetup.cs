[assembly: AssemblyFixture(typeof(LexIntel.Progress.Testing.Browser.Chromium))]
