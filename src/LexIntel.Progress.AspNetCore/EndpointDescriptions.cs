using System.ComponentModel;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace LexIntel.Progress.AspNetCore;

/// <summary>Says what the endpoints are, as metadata that OpenAPI generators read. Nothing else reads it: the endpoints read their requests themselves.</summary>
internal static class EndpointDescriptions
{
    private const string Json = "application/json";
    private const string EventStream = "text/event-stream";
    private const string ProblemJson = "application/problem+json";

    private const string StreamExample = """
        States are unnamed events, the first in full form; everything else is a named event.

        ```
        retry: 2376

        id: 1764000000000-16
        data: {"revision":"1764000000000-16","status":"processing","document_id":"42","step":"extraction","progress":60,"message":"Reading page 60","timestamp":"2026-01-03T10:30:45.123Z","steps":[{"name":"extraction","status":"processing","started":"2026-01-03T10:30:40.000Z"}]}

        event: heartbeat
        data: {}

        id: 1764000000000-17
        data: {"revision":"1764000000000-17","status":"completed","document_id":"42","step":"extraction","progress":100,"message":"","timestamp":"2026-01-03T10:30:52.001Z"}

        id: 1764000000000-17-end
        event: end
        data: {}
        ```
        """;

    public static void DocumentStream(IEndpointConventionBuilder endpoint, string? name) => Describe(
        endpoint, name, "StreamProgress", "Streams the progress of a document", StreamExample, ((Delegate)Shape).Method, StreamAnswers);

    public static void ManyDocumentsStream(IEndpointConventionBuilder endpoint, string? name) => Describe(
        endpoint, name, "StreamProgressOfMany", "Streams the progress of up to 100 documents", StreamExample, ((Delegate)ShapeOfMany).Method, StreamAnswers);

    public static void ManyDocumentsPost(IEndpointConventionBuilder endpoint, string? name) => Describe(
        endpoint, name, "StreamProgressOfManyFrom", "Streams the progress of many documents, each behind the revision that the client has",
        "The body names the documents: `{\"documents\":{\"42\":\"1764000000000-16\",\"43\":null}}`.\n\n" + StreamExample,
        ((Delegate)ShapeOfPost).Method, StreamAnswers);

    public static void Socket(IEndpointConventionBuilder endpoint, string? name) => Describe(
        endpoint, name, "OpenProgressSocket", "Opens a WebSocket that streams the progress of the documents and batches it is asked for",
        """
        Text messages, one JSON object each. The client sends `watch` (each document with the newest revision it has), `unwatch`, the same of batches as `watch_batches` and `unwatch_batches`, and `ping`;
        the host sends states of documents, and everything else with `event`.

        ```
        > {"watch":{"42":"1764000000000-16","43":null}}
        < {"revision":"1764000000000-17","status":"completed","document_id":"42","step":"extraction","progress":100,"message":"","timestamp":"2026-01-03T10:30:52.001Z"}
        < {"event":"denied","document_id":"43","status":403}
        > {"unwatch":["43"],"watch_batches":{"b":null}}
        < {"event":"batch","revision":"1764000000000-17","batch_id":"b","status":"processing","total":1000,"pending":200,"processing":488,"completed":300,"failed":10,"cancelled":2,"progress":41.2,"timestamp":"2026-01-03T10:30:45.123Z","remaining_seconds":360}
        ```
        """,
        ((Delegate)ShapeOfNothing).Method,
        [
            new(StatusCodes.Status101SwitchingProtocols) { Description = "The WebSocket is open." },
            .. Refusals.Where(refusal => refusal.StatusCode != StatusCodes.Status404NotFound),
        ]);

    public static void DocumentStatus(IEndpointConventionBuilder endpoint, string? name) => Describe(
        endpoint, name, "GetProgress", "Reads the newest state of a document",
        """
        The same state as the stream's, in full form. Nothing known: `status` is `pending`. `ETag` is the revision; `X-Progress-Source` says where the state came from: `live`, `backplane` or `database`.

        ```
        {"revision":"1764000000000-16","status":"processing","document_id":"42","step":"extraction","progress":60,"message":"Reading page 60","timestamp":"2026-01-03T10:30:45.123Z","remaining_seconds":42,"steps":[{"name":"extraction","status":"processing","started":"2026-01-03T10:30:40.000Z"}]}
        ```
        """,
        ((Delegate)ShapeOfStatus).Method,
        [
            new(typeof(ProgressState), StatusCodes.Status200OK, Json) { Description = "The newest state." },
            new(StatusCodes.Status304NotModified) { Description = "The state is the one that If-None-Match names." },
            .. Refusals,
        ]);

    public static void BatchStream(IEndpointConventionBuilder endpoint, string? name) => Describe(
        endpoint, name, "StreamBatchProgress", "Streams how a batch of documents stands",
        $$"""
        Aggregates are events named `batch`.

        ```
        id: 1764000000000-17
        event: batch
        data: {{BatchExample}}

        id: 1764000000000-99-end
        event: end
        data: {}
        ```
        """,
        ((Delegate)ShapeOfBatch).Method, StreamAnswers);

    public static void BatchStatus(IEndpointConventionBuilder endpoint, string? name) => Describe(
        endpoint, name, "GetBatchProgress", "Reads how a batch of documents stands",
        $"""
        The same aggregate as the stream's. Nothing known: `status` is `pending`, `total` is 0.

        ```
        {BatchExample}
        ```
        """,
        ((Delegate)ShapeOfBatchStatus).Method,
        [
            new(typeof(ProgressBatchState), StatusCodes.Status200OK, Json) { Description = "The newest aggregate." },
            new(StatusCodes.Status304NotModified) { Description = "The aggregate is the one that If-None-Match names." },
            .. Refusals,
        ]);

    private static IEnumerable<ProducesResponseTypeAttribute> StreamAnswers =>
    [
        new(typeof(string), StatusCodes.Status200OK, EventStream) { Description = "The events. For an EventSource that is refused for the moment: retry, bye and the end." },
        new(StatusCodes.Status204NoContent) { Description = "The client has seen the end, and there is nothing newer. EventSource stops." },
        .. Refusals,
    ];

    private static IEnumerable<ProducesResponseTypeAttribute> Refusals =>
    [
        Problem(StatusCodes.Status400BadRequest, "An id, or the request, breaks the rules; the detail says which."),
        Problem(StatusCodes.Status401Unauthorized, "Nobody is signed in, or what they are signed in with has expired."),
        Problem(StatusCodes.Status403Forbidden, "The client may not see it."),
        Problem(StatusCodes.Status404NotFound, "There is no such document or batch, as far as this client goes."),
        Problem(StatusCodes.Status429TooManyRequests, "The client has too many streams or documents, or opens them too fast. Retry-After says when to come back."),
        Problem(StatusCodes.Status503ServiceUnavailable, "Not now: the host stops or is full, or nothing can be read or decided. Retry-After says when to come back."),
    ];

    private static ProducesResponseTypeAttribute Problem(int status, string description) => new(typeof(ProblemDetails), status, ProblemJson) { Description = description };

    private static void Describe(
        IEndpointConventionBuilder endpoint, string? suffix, string name, string summary, string description, MethodInfo shape, IEnumerable<ProducesResponseTypeAttribute> answers)
    {
        endpoint.WithDisplayName($"{summary} ({name})").WithTags("Progress").WithSummary(summary).WithDescription(description);
        if (suffix is not null)
            endpoint.WithName(name + suffix);
        endpoint.WithMetadata([shape, .. shape.GetParameters().Select(parameter => new DescribedParameter(parameter)), .. answers]);
    }

    private const string BatchExample = """{"revision":"1764000000000-17","batch_id":"b","status":"processing","total":1000,"pending":200,"processing":488,"completed":300,"failed":10,"cancelled":2,"progress":41.2,"timestamp":"2026-01-03T10:30:45.123Z","remaining_seconds":360}""";
    private const string BatchIdText = "The batch, percent-encoded as encodeURIComponent does it, so that a slash is %2F.";
    private const string DocumentIdText = "The document, percent-encoded as encodeURIComponent does it, so that a slash is %2F.";
    private const string LastEventIdText = "The id of the last event that the client has: only newer states are sent. EventSource sends it by itself.";
    private const string LastEventIdQueryText = "The same as the header Last-Event-ID, for clients that cannot set headers.";

    private static void Shape(
        [FromRoute(Name = "documentId"), Description(DocumentIdText)] string documentId,
        [FromHeader(Name = "Last-Event-ID"), Description(LastEventIdText)] string? lastEventId = null,
        [FromQuery(Name = "lastEventId"), Description(LastEventIdQueryText)] string? lastEventIdOfQuery = null) => _ = (documentId, lastEventId, lastEventIdOfQuery);

    private static void ShapeOfMany(
        [FromQuery(Name = "documents"), Description("The documents, each percent-encoded as encodeURIComponent does it: ?documents=42&documents=43.")] string[] documents,
        [FromHeader(Name = "Last-Event-ID"), Description("The id of the last event that the client has; only that of an end counts.")] string? lastEventId = null) => _ = (documents, lastEventId);

    private static void ShapeOfBatch(
        [FromRoute(Name = "batchId"), Description(BatchIdText)] string batchId,
        [FromHeader(Name = "Last-Event-ID"), Description(LastEventIdText)] string? lastEventId = null,
        [FromQuery(Name = "lastEventId"), Description(LastEventIdQueryText)] string? lastEventIdOfQuery = null) => _ = (batchId, lastEventId, lastEventIdOfQuery);

    private static void ShapeOfBatchStatus(
        [FromRoute(Name = "batchId"), Description(BatchIdText)] string batchId,
        [FromHeader(Name = "If-None-Match"), Description("The ETag of the aggregate that the client has.")] string? ifNoneMatch = null,
        [FromQuery(Name = "wait"), Description("How many seconds to wait for something newer than that.")] double? wait = null) => _ = (batchId, ifNoneMatch, wait);

    // Not as metadata of what it accepts: routing would then answer other types, without a reason.
    private static void ShapeOfPost([FromBody] WatchedDocuments body) => _ = body;

    private static void ShapeOfNothing()
    {
    }

    private static void ShapeOfStatus(
        [FromRoute(Name = "documentId"), Description(DocumentIdText)] string documentId,
        [FromHeader(Name = "If-None-Match"), Description("The ETag of the state that the client has.")] string? ifNoneMatch = null,
        [FromQuery(Name = "wait"), Description("How many seconds to wait for something newer than that.")] double? wait = null) => _ = (documentId, ifNoneMatch, wait);

    private sealed class DescribedParameter(ParameterInfo parameter) : IParameterBindingMetadata
    {
        public string Name { get; } = parameter.Name!;

        public bool HasTryParse => false;

        public bool HasBindAsync => false;

        public ParameterInfo ParameterInfo { get; } = parameter;

        public bool IsOptional { get; } = parameter.HasDefaultValue;
    }
}
