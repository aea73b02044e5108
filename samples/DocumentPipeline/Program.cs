// Reads documents, cuts them into passages, and hashes the passages into vectors, with live progress in the browser or in the terminal.
using DocumentPipeline;
using DocumentPipeline.Hosting;
using DocumentPipeline.Terminal;
using Microsoft.Extensions.Options;

var line = CommandLine.Parse(args);
if (line.Problem is not null)
{
    await Console.Error.WriteLineAsync($"{line.Problem}\n\n{CommandLine.Usage}");
    return ExitCodes.Misused;
}

if (line.IsHelp)
{
    Console.WriteLine(CommandLine.Usage);
    return ExitCodes.Ok;
}

try
{
    if (line.Files.Count > 0)
        return await TerminalMode.RunAsync(line);
    await (line.Role == Role.Worker ? WorkerMode.RunAsync(line) : WebMode.RunAsync(line));
    return ExitCodes.Ok;
}
catch (OptionsValidationException exception)
{
    await Console.Error.WriteLineAsync(string.Join('\n', exception.Failures));
    return ExitCodes.Misused;
}
catch (StartException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return ExitCodes.Misused;
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException)
{
    // A port that is taken, an address that is none, a folder that cannot be written: the message says all, and comes last.
    await Console.Error.WriteLineAsync(exception.Message);
    return ExitCodes.Failed;
}
