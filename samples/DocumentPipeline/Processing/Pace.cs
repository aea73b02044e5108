using Microsoft.Extensions.Options;

namespace DocumentPipeline.Processing;

/// <summary>Holds pages up on purpose; see <see cref="PipelineOptions.PageDelay"/>. Each step takes its share of the plan, so that the bar moves evenly.</summary>
internal sealed class Pace(IOptions<PipelineOptions> options, TimeProvider time)
{
    public Task AfterPageAsync(string step, CancellationToken cancellationToken)
    {
        var delay = options.Value.PageDelay * PipelinePlan.Share(step);
        return delay > TimeSpan.Zero ? Task.Delay(delay, time, cancellationToken) : Task.CompletedTask;
    }
}
