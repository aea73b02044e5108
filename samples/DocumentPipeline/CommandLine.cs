using DocumentPipeline.Intake;

namespace DocumentPipeline;

/// <summary>What the user asked for.</summary>
internal sealed record CommandLine
{
    public const string Usage = """
        Usage: DocumentPipeline [options] [FILE...]

          (no file)            serve the page, by default at http://localhost:5080
          FILE...              process PDF, DOCX and TXT files here in the terminal

        Options:
          --urls URLS          where to listen
          --role api|worker    run only one half; needs Redis, set ConnectionStrings__Redis
          --SECTION:KEY VALUE  any setting, such as --Pipeline:PageDelay 0
          --                   what follows are files, even if it begins with a dash
          --help               this text
        """;

    public Role Role { get; private init; } = Role.Both;

    public bool IsHelp { get; private init; }

    public IReadOnlyList<string> Files { get; private init; } = [];

    /// <summary>What configuration reads: <c>--urls</c> and settings.</summary>
    public string[] Settings { get; private init; } = [];

    /// <summary>What is wrong; <see langword="null"/> when nothing is.</summary>
    public string? Problem { get; private init; }

    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        List<string> files = [];
        List<string> settings = [];
        var role = Role.Both;
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (argument == "--")
            {
                files.AddRange(arguments.Skip(i + 1));
                break;
            }

            if (argument is "--help" or "-h" or "-?")
                return new() { IsHelp = true };
            if (argument.Length == 0)
                return Wrong("A file name is empty.");
            if (argument[0] != '-')
            {
                files.Add(argument);
                continue;
            }

            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? argument : argument[..equals];
            if (name is not ("--role" or "--urls") && !(name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':', StringComparison.Ordinal)))
                return Wrong($"There is no option {Printable(name)}.");
            if (equals < 0 && i + 1 == arguments.Count)
                return Wrong($"The option {Printable(name)} needs a value.");
            var value = equals < 0 ? arguments[++i] : argument[(equals + 1)..];
            if (name != "--role")
                settings.AddRange([name, value]);
            else if (!TryReadRole(value, out role))
                return Wrong($"There is no role '{Printable(value)}'. The roles are api and worker; without --role it is both.");
        }

        if (files.Count > 0 && role != Role.Both)
            return Wrong("Files are processed in this terminal; --role is for the server. Use one or the other.");
        return new() { Files = files, Settings = [.. settings], Role = role };
    }

    private static CommandLine Wrong(string problem) => new() { Problem = problem };

    private static bool TryReadRole(string text, out Role role)
    {
        role = text switch
        {
            "api" => Role.Api,
            "worker" => Role.Worker,
            _ => Role.Both,
        };
        return role != Role.Both;
    }

    /// <summary>Arguments are shown in a terminal, which would obey control characters in them.</summary>
    private static string Printable(string text) => FileNames.Printable(text);
}
