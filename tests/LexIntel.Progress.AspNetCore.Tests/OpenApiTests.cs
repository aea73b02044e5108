using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace LexIntel.Progress.AspNetCore.Tests;

/// <summary>What the framework's own generator makes of the endpoints.</summary>
public sealed class OpenApiTests
{
    [Fact]
    public async Task Document_holds_every_endpoint_with_summary_description_and_a_name_of_its_own()
    {
        var operations = await OperationsAsync();

        Assert.Equal(
            ["GET /progress/batches/{batchId}/status", "GET /progress/batches/{batchId}/stream", "GET /progress/documents/{documentId}/status", "GET /progress/documents/{documentId}/stream", "GET /progress/socket", "GET /progress/stream", "POST /progress/stream"],
            operations.Keys.Order(StringComparer.Ordinal));
        Assert.All(operations.Values, operation =>
        {
            Assert.Equal("Progress", operation.GetProperty("tags")[0].GetString());
            Assert.NotEmpty(operation.GetProperty("summary").GetString()!);
            Assert.Contains("```", operation.GetProperty("description").GetString(), StringComparison.Ordinal);
        });
        Assert.Equal(operations.Count, operations.Values.Select(operation => operation.GetProperty("operationId").GetString()).Distinct().Count());
    }

    [Theory]
    [InlineData("GET /progress/documents/{documentId}/stream", "path documentId required, header Last-Event-ID, query lastEventId")]
    [InlineData("GET /progress/documents/{documentId}/status", "path documentId required, header If-None-Match, query wait")]
    [InlineData("GET /progress/batches/{batchId}/stream", "path batchId required, header Last-Event-ID, query lastEventId")]
    [InlineData("GET /progress/batches/{batchId}/status", "path batchId required, header If-None-Match, query wait")]
    [InlineData("GET /progress/stream", "query documents required, header Last-Event-ID")]
    public async Task Operation_has_its_parameters_with_descriptions(string operation, string expected)
    {
        var parameters = (await OperationsAsync())[operation].GetProperty("parameters").EnumerateArray().ToList();

        Assert.Equal(expected, string.Join(", ", parameters.Select(parameter =>
            $"{parameter.GetProperty("in").GetString()} {parameter.GetProperty("name").GetString()}{(parameter.TryGetProperty("required", out var required) && required.GetBoolean() ? " required" : "")}")));
        Assert.All(parameters, parameter => Assert.NotEmpty(parameter.GetProperty("description").GetString()!));
    }

    [Theory]
    [InlineData("GET /progress/documents/{documentId}/stream", "200 text/event-stream, 204, 400 application/problem+json, 401 application/problem+json, 403 application/problem+json, 404 application/problem+json, 429 application/problem+json, 503 application/problem+json")]
    [InlineData("GET /progress/socket", "101, 400 application/problem+json, 401 application/problem+json, 403 application/problem+json, 429 application/problem+json, 503 application/problem+json")]
    [InlineData("GET /progress/documents/{documentId}/status", "200 application/json, 304, 400 application/problem+json, 401 application/problem+json, 403 application/problem+json, 404 application/problem+json, 429 application/problem+json, 503 application/problem+json")]
    public async Task Operation_has_its_answers_with_types_and_descriptions(string operation, string expected)
    {
        var answers = (await OperationsAsync())[operation].GetProperty("responses").EnumerateObject().OrderBy(answer => answer.Name, StringComparer.Ordinal).ToList();

        Assert.Equal(expected, string.Join(", ", answers.Select(answer =>
            answer.Value.TryGetProperty("content", out var content) ? $"{answer.Name} {content.EnumerateObject().Single().Name}" : answer.Name)));
        Assert.All(answers, answer => Assert.EndsWith(".", answer.Value.GetProperty("description").GetString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Schema_of_a_state_names_the_fields_of_the_wire()
    {
        var document = await DocumentAsync();
        var answer = document.GetProperty("paths").GetProperty("/progress/documents/{documentId}/status").GetProperty("get").GetProperty("responses").GetProperty("200");
        Assert.Equal("#/components/schemas/ProgressState", answer.GetProperty("content").GetProperty("application/json").GetProperty("schema").GetProperty("$ref").GetString());

        var properties = document.GetProperty("components").GetProperty("schemas").GetProperty("ProgressState").GetProperty("properties");
        Assert.Equal(
            ["batch_id", "document_id", "error_message", "message", "progress", "remaining_seconds", "revision", "run", "stalled_since", "status", "step", "steps", "timestamp"],
            properties.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));
        Assert.All(properties.EnumerateObject(), property => Assert.True(property.Value.TryGetProperty("description", out _), property.Name));
    }

    [Fact]
    public async Task POST_takes_documents_with_their_revisions()
    {
        var document = await DocumentAsync();
        var body = document.GetProperty("paths").GetProperty("/progress/stream").GetProperty("post").GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("schema");
        Assert.Equal("#/components/schemas/WatchedDocuments", body.GetProperty("$ref").GetString());
        Assert.True(document.GetProperty("components").GetProperty("schemas").GetProperty("WatchedDocuments").GetProperty("properties").TryGetProperty("documents", out _));
    }

    [Fact]
    public async Task Two_mappings_have_names_of_their_own_and_those_of_groups_none()
    {
        var document = await DocumentAsync(app =>
        {
            app.MapProgressStream("/jobs").AllowAnonymous();
            app.MapGroup("/tenants/{tenant}").MapProgressStream().AllowAnonymous();
        });

        var names = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject())
            .Where(operation => operation.Value.TryGetProperty("operationId", out _)).Select(operation => operation.Value.GetProperty("operationId").GetString()).ToList();
        Assert.Equal(14, names.Count);
        Assert.Equal(14, names.Distinct().Count());
    }

    private static async Task<Dictionary<string, JsonElement>> OperationsAsync()
    {
        var document = await DocumentAsync();
        return document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => (Name: $"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value)))
            .ToDictionary(operation => operation.Name, operation => operation.Value, StringComparer.Ordinal);
    }

    private static async Task<JsonElement> DocumentAsync(Action<WebApplication>? map = null)
    {
        await using var host = await TestHost.StartAsync(
            progress => progress.Services.AddOpenApi(),
            map: app =>
            {
                app.MapOpenApi();
                map?.Invoke(app);
            });
        return JsonElement.Parse(await host.Client.GetStringAsync("/openapi/v1.json"));
    }
}
