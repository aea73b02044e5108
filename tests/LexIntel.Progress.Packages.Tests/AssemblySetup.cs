[assembly: AssemblyFixture(typeof(LexIntel.Progress.Packages.Tests.PackedPackages))]
