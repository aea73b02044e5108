[assembly: AssemblyFixture(typeof(LexIntel.Progress.Packages.Tests.PackedPackages))]
[assembly: AssemblyFixture(typeof(LexIntel.Progress.Testing.Browser.Chromium))]
