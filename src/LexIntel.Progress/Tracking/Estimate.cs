namespace LexIntel.Progress.Tracking;

/// <summary>
/// Estimates the time that remains: the percentage that is missing, at a speed halfway between the average and the recent one, since
/// steps differ in speed and single jumps must not make the figure jump. Not thread-safe.
/// </summary>
internal sealed class Estimate
{
    private static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SampleTime = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestShown = TimeSpan.FromHours(24);
    private const double SettlingPercent = 1;
    private const double ShortestMemory = 10;

    private double _startPercent;
    private double _samplePercent;
    private TimeSpan _sampleTime;
    private double _recentSpeed;

    public Estimate(double startPercent) => _startPercent = _samplePercent = startPercent;

    /// <summary>The bar moves so far without any work: a cached step says nothing about the speed of the others.</summary>
    public void Skip(double percent)
    {
        _startPercent += percent;
        _samplePercent += percent;
    }

    /// <param name="elapsed">Since the job began.</param>
    /// <param name="percent">Where the bar is.</param>
    /// <returns>The time that remains; <see langword="null"/> while there is too little to go by.</returns>
    public TimeSpan? Remaining(TimeSpan elapsed, double percent)
    {
        if (elapsed < SettlingTime || percent - _startPercent < SettlingPercent)
            return null;

        var average = (percent - _startPercent) / elapsed.TotalSeconds;
        var sinceSample = elapsed - _sampleTime;
        if (_recentSpeed == 0)
        {
            (_recentSpeed, _samplePercent, _sampleTime) = (average, percent, elapsed);
        }
        else if (sinceSample >= SampleTime)
        {
            // The memory grows with the job, so that the figure of a long job is calm.
            var memory = Math.Max(ShortestMemory, elapsed.TotalSeconds / 4);
            var speed = (percent - _samplePercent) / sinceSample.TotalSeconds;
            _recentSpeed += (1 - Math.Exp(-sinceSample.TotalSeconds / memory)) * (speed - _recentSpeed);
            (_samplePercent, _sampleTime) = (percent, elapsed);
        }

        var seconds = (100 - percent) / ((average + _recentSpeed) / 2);
        return seconds <= LongestShown.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }
}
