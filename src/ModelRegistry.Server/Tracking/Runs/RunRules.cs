using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Tracking.Metrics;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>What MLflow checks on the contents of runs before it looks at the database.</summary>
internal sealed class RunRules(ServerOptions options)
{
    private const int MaxKey = 250;
    private const int MaxParamValue = 6000;
    private const int MaxTagValue = 8000;
    private const int MaxRunId = 256;

    /// <summary>Run ids of batches: a letter or digit, then up to 255 word characters or dashes.</summary>
    public static void CheckRunId(string runId)
    {
        var isValid = runId.Length is > 0 and <= MaxRunId && char.IsAsciiLetterOrDigit(runId[0]) && runId.All(c => char.IsLetterOrDigit(c) || c is '_' or '-');
        if (!isValid)
            throw ApiException.Invalid($"Invalid value {PythonText.CompactJson(runId)} for parameter 'run_id' supplied.");
    }

    public static MetricPoint Check(MetricInput metric, EntryPlace place = default)
    {
        var key = metric.Key ?? "";
        CheckKey(key, place, "name");
        if (metric.Timestamp is < 0)
        {
            throw ApiException.Invalid(
                $"Invalid value {metric.Timestamp} for parameter '{place}timestamp' supplied: metric '{key}' (value={PythonText.Repr(metric.Value ?? 0)})."
                + " Timestamp must be a nonnegative long (64-bit integer) ");
        }

        KeyRules.CheckLength("Metric name", key, MaxKey);
        return MetricPoint.From(metric);
    }

    /// <returns>The parameter with its value cut to what MLflow stores.</returns>
    public RunParamRow CheckParam(string key, string value, EntryPlace place = default)
    {
        CheckKey(key, place, "key");
        KeyRules.CheckLength("Param key", key, MaxKey);
        return new RunParamRow { Key = key, Value = KeyRules.Fit("Param value", value, MaxParamValue, options.TruncateLongValues) };
    }

    /// <returns>The tag with its value cut to what MLflow stores.</returns>
    public RunTagRow CheckTag(string key, string value, EntryPlace place = default)
    {
        CheckKey(key, place, "key");
        KeyRules.CheckLength($"{place}key", key, MaxKey);
        return new RunTagRow { Key = key, Value = KeyRules.Fit($"{place}value", value, MaxTagValue, options.TruncateLongValues) };
    }

    private static void CheckKey(string key, EntryPlace place, string field)
    {
        if (!KeyRules.IsPlain(key))
            KeyRules.Check(key, $"{place}{field}");
    }
}
