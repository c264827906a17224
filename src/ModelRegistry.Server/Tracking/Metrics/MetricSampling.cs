namespace ModelRegistry.Server.Tracking.Metrics;

/// <summary>Which steps of a metric a chart gets.</summary>
/// <param name="Start">First step that counts.</param>
/// <param name="End">Last step that counts.</param>
/// <param name="MaxSteps">About how many steps to pick.</param>
internal sealed record MetricSampling(long Start, long End, int MaxSteps)
{
    /// <summary>Evenly spaced steps and the last one, plus the ends of every run that lie in the range.</summary>
    /// <param name="steps">All steps in the range, ascending, each once.</param>
    /// <param name="ends">First and last step of each run.</param>
    public SortedSet<long> Pick(IReadOnlyList<long> steps, IEnumerable<long> ends)
    {
        if (steps.Count <= MaxSteps)
            return [.. steps];
        var picked = new SortedSet<long>(ends.Where(step => step >= Start && step <= End)) { steps[^1] };
        var interval = (double)steps.Count / MaxSteps;
        for (var i = 0; i < MaxSteps; i++)
            picked.Add(steps[(int)(i * interval)]);
        return picked;
    }
}
