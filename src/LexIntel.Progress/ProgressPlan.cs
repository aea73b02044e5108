namespace LexIntel.Progress;

/// <summary>
/// The steps of the work and how much of the bar each one takes. Immutable; share one instance between all documents of a kind.
/// Weights are relative: 3 and 1 mean three quarters and one quarter of the bar.
/// </summary>
public sealed class ProgressPlan
{
    /// <summary>The highest number of steps a plan may have.</summary>
    public const int MaxSteps = 64;

    /// <summary>Makes a plan.</summary>
    /// <param name="steps">At most 64 steps in the order of the work, each name once.</param>
    /// <exception cref="ArgumentException">There is no step, there are too many, a name is empty, longer than 128 characters or repeated.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A weight is not a positive finite number.</exception>
    public ProgressPlan(params IReadOnlyList<ProgressPlanStep> steps)
    {
        ArgumentNullException.ThrowIfNull(steps);
        if (steps.Count is 0 or > MaxSteps)
            throw new ArgumentException($"A plan has 1 to {MaxSteps} steps, this one has {steps.Count}. Group small steps into one and move the bar inside it.", nameof(steps));

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var step in steps)
        {
            if (string.IsNullOrEmpty(step.Name) || step.Name.Length > Wire.StateLimits.StepLength)
                throw new ArgumentException($"The step name '{step.Name}' is empty or longer than {Wire.StateLimits.StepLength} characters.", nameof(steps));
            if (!names.Add(step.Name))
                throw new ArgumentException($"The step '{step.Name}' stands twice in the plan. Give each step its own name.", nameof(steps));
            if (!(step.Weight > 0) || double.IsInfinity(step.Weight))
                throw new ArgumentOutOfRangeException(nameof(steps), step.Weight, $"The weight of step '{step.Name}' must be a positive finite number.");
        }

        Steps = [.. steps];
    }

    /// <summary>The steps in the order of the work.</summary>
    public IReadOnlyList<ProgressPlanStep> Steps { get; }

    /// <summary>Makes a plan of steps with equal weight.</summary>
    /// <param name="names">The names in the order of the work.</param>
    /// <exception cref="ArgumentException">As for the constructor.</exception>
    public static ProgressPlan Equal(params IEnumerable<string> names) => new([.. names.Select(name => new ProgressPlanStep(name, 1))]);
}

/// <summary>One step of a <see cref="ProgressPlan"/>.</summary>
/// <param name="Name">As users see it; 1-128 characters.</param>
/// <param name="Weight">Its share of the bar in relation to the other steps; positive.</param>
public readonly record struct ProgressPlanStep(string Name, double Weight)
{
    /// <summary>Lets a plan be written <c>new(("extraction", 3), ("embedding", 1))</c>.</summary>
    public static implicit operator ProgressPlanStep((string Name, double Weight) step) => new(step.Name, step.Weight);

    /// <summary>The named form of the conversion.</summary>
    public static ProgressPlanStep ToProgressPlanStep((string Name, double Weight) step) => step;
}
