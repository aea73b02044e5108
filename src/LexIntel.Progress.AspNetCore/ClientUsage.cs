namespace LexIntel.Progress.AspNetCore;

/// <summary>What one client holds now; forgotten when it holds nothing.</summary>
internal sealed class ClientUsage(Client client, int mostTopics)
{
    private readonly Dictionary<Subject, int> _topics = [];

    public Client Client { get; } = client;

    public int Streams { get; set; }

    /// <summary>Counts one more stream of a document or batch; one that is on several streams of a client counts once.</summary>
    public bool TryWatch(Subject subject)
    {
        if (!_topics.TryGetValue(subject, out var count) && _topics.Count >= mostTopics)
            return false;
        _topics[subject] = count + 1;
        return true;
    }

    public void Unwatch(Subject subject)
    {
        if (_topics[subject] == 1)
            _topics.Remove(subject);
        else
            _topics[subject]--;
    }
}
