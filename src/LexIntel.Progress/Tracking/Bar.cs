namespace LexIntel.Progress.Tracking;

/// <summary>Turns fractions of steps into one percentage of the document that never falls. Not thread-safe.</summary>
internal sealed class Bar
{
    private readonly IReadOnlyList<ProgressPlanStep> _plan;
    private readonly int _exponent;
    private readonly double _totalWeight;
    private double _start;
    private double _width;
    private double _reached;

    /// <param name="plan">Empty: every fraction is one of the whole document.</param>
    /// <param name="percent">Where the attempt stands already.</param>
    public Bar(IReadOnlyList<ProgressPlanStep> plan, double percent)
    {
        _plan = plan;
        // Weights near the largest number, as they are, would add up to infinity. A power of two takes no digit away.
        _exponent = plan.Count == 0 ? 0 : -Math.ILogB(plan.Max(static step => step.Weight));
        _totalWeight = plan.Sum(Weight);
        _width = plan.Count == 0 ? 100 : 0;
        Percent = percent;
    }

    public double Percent { get; private set; }

    /// <summary>Enters a step. The bar moves to its beginning, unless it is beyond that already; a step that is not planned has no width.</summary>
    /// <returns>What the bar moved over that belongs to steps nobody was in.</returns>
    public double Enter(string step)
    {
        if (_plan.Count == 0)
            return 0;

        var weightBefore = 0.0;
        foreach (var planned in _plan)
        {
            if (planned.Name == step)
            {
                _start = 100 * weightBefore / _totalWeight;
                _width = 100 * Weight(planned) / _totalWeight;
                var skipped = Math.Max(0, _start - Math.Max(_reached, Percent));
                _reached = Math.Max(_reached, _start + _width);
                Raise(_start);
                return skipped;
            }

            weightBefore += Weight(planned);
        }

        (_start, _width) = (Percent, 0);
        return 0;
    }

    /// <summary>Moves inside the present step. <see langword="true"/> when a reader would see the difference, which has one decimal.</summary>
    public bool Move(double fraction)
    {
        // A comparison that is false for NaN as well.
        if (!(fraction > 0))
            return false;
        var before = Percent;
        Raise(_start + (_width * Math.Min(fraction, 1)));
        return Math.Round(Percent * 10) != Math.Round(before * 10);
    }

    public void Finish() => Percent = 100;

    private double Weight(ProgressPlanStep step) => Math.ScaleB(step.Weight, _exponent);

    private void Raise(double percent) => Percent = Math.Min(Math.Max(Percent, percent), 100);
}
