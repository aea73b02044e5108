namespace ReactDashboard.Uploads;

/// <summary>Documents that were chosen together.</summary>
internal sealed record Batch(string Id, DateTimeOffset Created, IReadOnlyList<Document> Documents);

/// <summary>What the page says before it sends files.</summary>
internal sealed record NewBatch(IReadOnlyList<NewDocument> Documents);

/// <summary>One of them.</summary>
internal sealed record NewDocument(string Name, long Size);
