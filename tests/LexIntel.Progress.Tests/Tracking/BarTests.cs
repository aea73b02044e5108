using CsCheck;
using LexIntel.Progress.Tests.Support;
using LexIntel.Progress.Tracking;

namespace LexIntel.Progress.Tests.Tracking;

/// <summary>One percentage out of weighted steps, which never falls.</summary>
public sealed class BarTests : IAsyncDisposable
{
    private static readonly ProgressPlan Plan = new(("extraction", 3), ("embedding", 1));

    private readonly ProgressApp _app = ProgressApp.Create();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Report_without_plan_is_a_fraction_of_the_document()
    {
        await using var job = _app.Publisher.Start("a");
        job.Report(0.25);

        Assert.Equal(25, job.Percent);
    }

    [Fact]
    public async Task Report_in_a_planned_step_moves_by_its_weight()
    {
        await using var job = _app.Publisher.Start("a", Plan);

        job.StartStep("extraction");
        job.Report(0.5);
        Assert.Equal(37.5, job.Percent);
        job.StartStep("embedding");
        Assert.Equal(75, job.Percent);
        job.Report(0.5);
        Assert.Equal(87.5, job.Percent);
    }

    [Theory]
    [InlineData(double.MaxValue, double.MaxValue, 50)]
    [InlineData(1e308, 3e307, 76.9)]
    [InlineData(double.Epsilon, double.Epsilon, 50)]
    [InlineData(double.Epsilon, double.MaxValue, 0)]
    public async Task Report_weights_of_any_size_share_the_bar(double first, double second, double start)
    {
        await using var job = _app.Publisher.Start("a", new(("one", first), ("two", second)));
        job.StartStep("two");
        Assert.Equal(start, (await _app.StoredAsync("a")).Percent);

        job.Report(1);
        Assert.Equal(100, job.Percent);
        job.Complete();

        Assert.Equal((100, ProgressStatus.Completed), ((await _app.StoredAsync("a")).Percent, (await _app.StoredAsync("a")).Status));
    }

    [Fact]
    public async Task Report_before_the_first_step_of_a_plan_leaves_the_bar()
    {
        await using var job = _app.Publisher.Start("a", Plan);
        job.Report(0.5);

        Assert.Equal(0, job.Percent);
    }

    [Fact]
    public async Task StartStep_not_in_the_plan_is_shown_and_leaves_the_bar()
    {
        await using var job = _app.Publisher.Start("a", Plan);
        job.StartStep("extraction");
        job.Report(0.5);
        job.StartStep("virus scan", "Scanning");
        job.Report(1);

        var state = await _app.StoredAsync("a");
        Assert.Equal(("virus scan", "Scanning", 37.5), (state.Step, state.Message, state.Percent));
        Assert.Equal(["extraction", "virus scan"], state.Steps.Select(step => step.Name));
    }

    [Fact]
    public async Task StartStep_going_back_leaves_the_bar()
    {
        await using var job = _app.Publisher.Start("a", Plan);
        job.StartStep("embedding");
        job.Report(0.4);
        job.StartStep("extraction");
        job.Report(0.9);

        Assert.Equal(85, job.Percent);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(-0.1)]
    [InlineData(0)]
    [InlineData(0.3)]
    public async Task Report_lower_or_no_number_leaves_the_bar(double value)
    {
        await using var job = _app.Publisher.Start("a");
        job.Report(0.4);
        job.Report(value);

        Assert.Equal(40, job.Percent);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1.5)]
    [InlineData(double.PositiveInfinity)]
    public async Task Report_1_or_more_is_the_end_of_the_step_and_shown_as_99_9(double value)
    {
        await using var job = _app.Publisher.Start("a");
        job.Report(value);

        Assert.Equal(100, job.Percent);
        Assert.Equal((99.9, ProgressStatus.Processing), ((await _app.StoredAsync("a")).Percent, (await _app.StoredAsync("a")).Status));
    }

    [Fact]
    public void Bar_any_sequence_never_falls_and_stays_in_range()
    {
        var actions = Gen.Select(Gen.Int[0, 4], Gen.OneOf(Gen.Double[-1, 2], Gen.Double.Special)).Array[0, 60];
        var plans = Gen.Double[0.001, 1000].Array[0, 4];
        Gen.Select(plans, actions, Gen.Double[0, 100]).Sample((weights, sequence, start) =>
        {
            var bar = new Bar([.. weights.Select((weight, i) => new ProgressPlanStep($"s{i}", weight))], start);
            var highest = bar.Percent;
            foreach (var (step, value) in sequence)
            {
                if (step < 4)
                    bar.Enter($"s{step}");
                bar.Move(value);
                Assert.True(bar.Percent >= highest && bar.Percent <= 100, $"{highest} was followed by {bar.Percent}");
                highest = bar.Percent;
            }
        });
    }

    [Fact]
    public async Task Report_from_many_threads_ends_at_the_highest()
    {
        await using var job = _app.Publisher.Start("a");

        await Parallel.ForEachAsync(Enumerable.Range(0, 5001), async (i, _) =>
        {
            job.Report(i / 10_000.0, $"item {i}");
            await Task.Yield();
        });

        Assert.Equal(50, job.Percent);
        Assert.Equal(50, (await _app.StoredAsync("a")).Percent);
    }

    [Fact]
    public async Task Report_as_progress_of_another_library_moves_the_bar()
    {
        await using var job = _app.Publisher.Start("a");
        ReportSixty(job);

        Assert.Equal(60, job.Percent);

        static void ReportSixty(IProgress<double> progress) => progress.Report(0.6);
    }

    [Fact]
    public async Task StartStep_same_step_again_only_changes_the_message()
    {
        await using var job = _app.Publisher.Start("a", Plan);
        job.StartStep("extraction", "page 1");
        job.Report(0.5);
        job.StartStep("extraction", "page 2");

        var state = await _app.StoredAsync("a");
        Assert.Equal(("page 2", 37.5, 1), (state.Message, state.Percent, state.Steps.Count));
    }

    [Fact]
    public async Task StartStep_long_name_and_message_are_cut()
    {
        await using var job = _app.Publisher.Start("a");
        job.StartStep(new string('s', 500), new string('m', 5000));

        var state = await _app.StoredAsync("a");
        Assert.Equal((128, 1000, 128), (state.Step.Length, state.Message.Length, state.Steps[0].Name.Length));
    }

    [Fact]
    public async Task StartStep_more_than_64_steps_keeps_the_newest()
    {
        await using var job = _app.Publisher.Start("a");
        for (var i = 0; i < 100; i++)
            job.StartStep($"s{i}");

        var steps = (await _app.StoredAsync("a")).Steps;
        Assert.Equal((64, "s36", "s99"), (steps.Count, steps[0].Name, steps[^1].Name));
    }

    [Fact]
    public async Task StartStep_empty_name_is_refused()
    {
        await using var job = _app.Publisher.Start("a");

        Assert.Throws<ArgumentException>(() => job.StartStep(""));
    }

    [Fact]
    public void Plan_errors_name_the_value_and_the_limit()
    {
        Assert.Contains("1 to 64", Assert.Throws<ArgumentException>(() => new ProgressPlan()).Message, StringComparison.Ordinal);
        Assert.Contains("has 65", Assert.Throws<ArgumentException>(() => ProgressPlan.Equal(Enumerable.Range(0, 65).Select(i => $"s{i}"))).Message, StringComparison.Ordinal);
        Assert.Contains("'x' stands twice", Assert.Throws<ArgumentException>(() => ProgressPlan.Equal("x", "x")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ProgressPlan.Equal(""));
        Assert.Throws<ArgumentException>(() => ProgressPlan.Equal(new string('x', 129)));
        foreach (var weight in (double[])[0, -1, double.NaN, double.PositiveInfinity])
            Assert.Contains("'x'", Assert.Throws<ArgumentOutOfRangeException>(() => new ProgressPlan(("x", weight))).Message, StringComparison.Ordinal);
    }
}
