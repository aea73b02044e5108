namespace ReactDashboard.Work;

/// <summary>A document that holds no text; the message is for its user.</summary>
internal sealed class NotTextException(string message) : Exception(message);
