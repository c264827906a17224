using System.Data.Common;
using System.Globalization;

namespace ModelRegistry.Server.Traces.Metrics;

/// <summary>Picks percentiles out of sorted values as they go by; none of them is kept.</summary>
internal static class Percentiles
{
    /// <param name="reader">
    /// First the groups (<c>part</c> 0), with the number of their values in the last column, then (<c>part</c> 1) the values in that column,
    /// in the order of the groups and sorted within each.
    /// </param>
    /// <returns>The rows of the groups, with their percentiles.</returns>
    public static async Task<List<Dictionary<string, object?>>> ReadAsync(DbDataReader reader, MetricsQuery query, CancellationToken cancellationToken)
    {
        var groups = new List<Dictionary<string, object?>>();
        while (await reader.ReadAsync(cancellationToken) && reader.GetInt64(0) == 0)
            groups.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, column => reader.IsDBNull(column) ? null : reader.GetValue(column)));

        foreach (var group in groups.Take(query.MaxResults))
        {
            var count = Convert.ToInt64(group["amount"], CultureInfo.InvariantCulture);
            var percentiles = query.Aggregations.Select(one => new Percentile(one, count)).ToArray();
            for (var rank = 0L; rank < count; rank++)
            {
                var value = Convert.ToDouble(reader.GetValue(reader.FieldCount - 1), CultureInfo.InvariantCulture);
                foreach (var percentile in percentiles)
                    percentile.See(rank, value);
                await reader.ReadAsync(cancellationToken);
            }

            for (var index = 0; index < percentiles.Length; index++)
                group[$"v{index}"] ??= percentiles[index].Value;
        }

        return [.. groups.Take(query.MaxResults)];
    }

    /// <summary>One percentile of one group, with linear interpolation between the two nearest values.</summary>
    private sealed class Percentile(Aggregation aggregation, long count)
    {
        private readonly double position = aggregation.Percentile / 100 * (count - 1);
        private double? below;
        private double above;

        /// <summary>Null for a group without values, and for other aggregations.</summary>
        public double? Value =>
            aggregation.Type == AggregationType.Percentile && below is { } lower ? lower + ((above - lower) * (position - Math.Floor(position))) : null;

        public void See(long rank, double value)
        {
            if (rank <= position)
                below = value;
            if (rank <= position + 1)
                above = value;
        }
    }
}
