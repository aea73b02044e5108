// A host that can be watched: metrics for Prometheus at /metrics, traces to an OTLP collector if OTEL_EXPORTER_OTLP_ENDPOINT is set,
// /health/live and /health/ready. Some demo jobs run all the time, so that there is something to see.
using LexIntel.Progress;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Observability;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

var builder = WebApplication.CreateBuilder(args);
var progress = builder.Services.AddLexIntelProgress();
if (builder.Configuration.GetConnectionString("Redis") is { Length: > 0 } redis)
    progress.UseRedis(redis);
builder.Services.AddHostedService<DemoJobs>();

builder.Services.AddHealthChecks().AddLexIntelProgress();
var telemetry = builder.Services.AddOpenTelemetry()
    .WithMetrics(metrics => metrics.AddMeter(ProgressDiagnostics.MeterName).AddAspNetCoreInstrumentation().AddPrometheusExporter());
if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
    telemetry.WithTracing(tracing => tracing.AddSource(ProgressDiagnostics.ActivitySourceName).AddAspNetCoreInstrumentation().AddOtlpExporter());

var app = builder.Build();
app.MapProgressStream().AllowAnonymous();
app.MapPrometheusScrapingEndpoint();
app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = check => check.Tags.Contains("live") });
app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
app.Run();
