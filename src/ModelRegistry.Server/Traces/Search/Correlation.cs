namespace ModelRegistry.Server.Traces.Search;

/// <summary>
/// Normalised pointwise mutual information of two conditions: -1 never together, 0 independent, 1 always together.
/// https://en.wikipedia.org/wiki/Pointwise_mutual_information
/// </summary>
internal static class Correlation
{
    /// <summary>Jeffreys' prior: what is added to each cell so that few observations say little.</summary>
    private const double Prior = 0.5;

    /// <summary>The value as counted and with the prior; null where there is none.</summary>
    public static (double? Plain, double? Smoothed) Of(CorrelationCounts counts)
    {
        double[] cells = [counts.Joint, counts.First - counts.Joint, counts.Second - counts.Joint, counts.Total - counts.First - counts.Second + counts.Joint];
        if (counts.First == 0 || counts.Second == 0 || counts.Total == 0 || cells.Min() < 0)
            return (null, null);
        return (counts.Joint == 0 ? -1 : Npmi(cells, 0), Npmi(cells, Prior));
    }

    /// <param name="cells">Both, only the first, only the second, neither.</param>
    private static double? Npmi(double[] cells, double prior)
    {
        if (cells[1] == 0 && cells[2] == 0 && cells[3] == 0)
            return 1;
        var both = cells[0] + prior;
        var (first, second) = (both + cells[1] + prior, both + cells[2] + prior);
        var total = both + (cells[1] + prior) + (cells[2] + prior) + (cells[3] + prior);
        var information = Math.Log(both) + Math.Log(total) - (Math.Log(first) + Math.Log(second));
        var value = information / -(Math.Log(both) - Math.Log(total));
        return double.IsNaN(value) ? null : Math.Clamp(value, -1, 1);
    }
}
