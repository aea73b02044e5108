using DocumentPipeline.Intake;
using LexIntel.Progress;

namespace DocumentPipeline.Terminal;

/// <summary>Lets one file after the other into the pipeline and follows each with the library's own subscriber.</summary>
internal sealed class TerminalQueue(DocumentIntake intake, IProgressSubscriber subscriber)
{
    /// <summary>Processes one file.</summary>
    /// <param name="path">As the user wrote it.</param>
    /// <param name="show">Called for each state.</param>
    /// <param name="stopping">Ends the wait.</param>
    /// <returns>Why it was not completed; <see langword="null"/> if it was.</returns>
    public async Task<string?> ProcessAsync(string path, Action<ProgressSnapshot> show, CancellationToken stopping)
    {
        var (id, problem) = await AddAsync(path, stopping);
        if (id is null)
            return problem;

        await foreach (var snapshot in subscriber.SubscribeAsync(id, cancellationToken: stopping))
        {
            show(snapshot);
            if (snapshot.IsTerminal)
                return snapshot.Status == ProgressStatus.Completed ? null : snapshot.ErrorMessage ?? "It was cancelled.";
        }

        return "Its end was not seen.";
    }

    private async Task<(string? Id, string? Problem)> AddAsync(string path, CancellationToken stopping)
    {
        try
        {
            if (Directory.Exists(path))
                return (null, "This is a folder. Name the files in it.");
            await using var content = File.OpenRead(path);
            using var staged = await intake.ReceiveAsync(content, stopping);
            if (staged is null)
                return (null, "The file is too large. The limit is Pipeline:MaxUploadBytes.");
            var (document, refusal) = await intake.AcceptAsync(staged, Path.GetFileName(path), stopping);
            return (document?.Id, refusal?.Reason);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, "There is no such file.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (null, "The file cannot be read. Is it open elsewhere, or not yours?");
        }
    }
}
