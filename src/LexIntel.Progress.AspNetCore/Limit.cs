using Microsoft.AspNetCore.Http;

namespace LexIntel.Progress.AspNetCore;

/// <summary>A limit that was reached. Refusals by it are for the moment only: what others hold now they give back.</summary>
/// <param name="Reason">The word of <c>bye</c>.</param>
/// <param name="Status">429 when the client itself holds too much, 503 when all together do.</param>
/// <param name="Detail">What a developer reads.</param>
internal sealed record Limit(string Reason, int Status, string Detail)
{
    private const string TooManyStreams = "too-many-streams";
    private const string TooManyDocuments = "too-many-documents";
    private const string Rate = "rate";

    public static Limit Streams(int most) => new(TooManyStreams, StatusCodes.Status503ServiceUnavailable,
        $"This host has {most} streams open, as many as {nameof(ProgressStreamOptions.MaxStreams)} allows. Come back soon; another host may have room.");

    public static Limit StreamsOfClient(Client client, int most) => new(TooManyStreams, StatusCodes.Status429TooManyRequests,
        $"This {Kind(client)} has {most} streams open, the most allowed. Close some; one stream can carry many documents.");

    public static Limit Documents(int most) => new(TooManyDocuments, StatusCodes.Status503ServiceUnavailable,
        $"This host watches {most} documents, as many as {nameof(ProgressStreamOptions.MaxTopics)} allows. Come back soon; another host may have room.");

    public static Limit DocumentsOfClient(Client client, int most) => new(TooManyDocuments, StatusCodes.Status429TooManyRequests,
        $"This {Kind(client)} watches {most} documents, the most allowed. Close streams of documents that are no longer looked at.");

    public static Limit RateOfHost(int most) => new(Rate, StatusCodes.Status503ServiceUnavailable,
        $"More than {most} new streams a second came to this host. Come back soon.");

    public static Limit RateOfClient(Client client, int most) => new(Rate, StatusCodes.Status429TooManyRequests,
        $"More than {most} new streams a second came from this {Kind(client)}. Keep a stream open instead of opening it again.");

    private static string Kind(Client client) => client.IsUser ? "user" : "address";
}
