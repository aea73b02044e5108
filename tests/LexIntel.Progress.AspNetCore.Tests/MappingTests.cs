using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LexIntel.Progress.AspNetCore.Tests;

public sealed class MappingTests
{
    [Fact]
    public async Task Missing_registration_is_an_error_that_holds_the_line_to_add()
    {
        var builder = WebApplication.CreateSlimBuilder();
        await using var app = builder.Build();
        var error = Assert.Throws<InvalidOperationException>(() => app.MapProgressStream());
        Assert.Contains("builder.Services.AddLexIntelProgress();", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_settings_stop_the_start_and_are_listed_together()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["LexIntel:Progress:HeartbeatInterval"] = "00:00:00";
        builder.Configuration["LexIntel:Progress:RetryMax"] = "00:10:00";
        builder.Services.AddLexIntelProgress();
        await using var app = builder.Build();

        var error = Assert.Throws<OptionsValidationException>(() => app.MapProgressStream());
        Assert.Equal(2, error.Failures.Count());
        Assert.Contains("LexIntel:Progress:HeartbeatInterval is 00:00:00; use a time from 00:00:00.1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conventions_apply_to_all_endpoints_and_the_prefix_is_free()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddLexIntelProgress();
        await using var app = builder.Build();
        app.MapProgressStream("/jobs").WithMetadata(this);

        var endpoints = ((Microsoft.AspNetCore.Routing.IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).Cast<Microsoft.AspNetCore.Routing.RouteEndpoint>().ToList();
        Assert.Equal(["/jobs/documents/{documentId}/stream", "/jobs/documents/{documentId}/status", "/jobs/batches/{batchId}/stream", "/jobs/batches/{batchId}/status", "/jobs/stream", "/jobs/stream", "/jobs/socket", "/jobs/socket"], endpoints.Select(endpoint => endpoint.RoutePattern.RawText));
        Assert.All(endpoints, endpoint => Assert.Contains(this, endpoint.Metadata));
    }
}
