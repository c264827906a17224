using System.Globalization;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>The checks of a batch in MLflow's order: each entry, then how many there are, then repeated parameters.</summary>
internal static class LogBatchRules
{
    private const int MaxMetrics = 1000;
    private const int MaxParams = 100;
    private const int MaxTags = 100;
    private const int MaxTotal = 1000;

    public static LogBatch Check(LogBatchRequest request, RunRules rules)
    {
        var metrics = Map(request.Metrics, (metric, i) => RunRules.Check(metric, new EntryPlace("metrics", i)));
        var parameters = Map(request.Params, (param, i) => rules.CheckParam(param.Key!, param.Value ?? "", new EntryPlace("params", i)));
        var tags = Map(request.Tags, (tag, i) => rules.CheckTag(tag.Key!, tag.Value ?? "", new EntryPlace("tags", i)));
        CheckCount("metrics", metrics.Length, MaxMetrics);
        CheckCount("params", parameters.Length, MaxParams);
        CheckCount("tags", tags.Length, MaxTags);
        CheckCount("metrics, params, and tags", metrics.Length + parameters.Length + tags.Length, MaxTotal);
        CheckRepeatedParams(parameters);
        return new LogBatch(metrics, parameters, tags);
    }

    private static TOut[] Map<TIn, TOut>(List<TIn>? list, Func<TIn, int, TOut> check)
    {
        var result = new TOut[list?.Count ?? 0];
        for (var i = 0; i < result.Length; i++)
            result[i] = check(list![i], i);
        return result;
    }

    private static void CheckCount(string what, int count, int limit)
    {
        if (count > limit)
        {
            throw ApiException.Invalid(
                $"A batch logging request can contain at most {limit} {what}. Got {count} {what}."
                + $" Please split up {what} across multiple requests and try again.");
        }
    }

    private static void CheckRepeatedParams(RunParamRow[] parameters)
    {
        var seen = new HashSet<string>(parameters.Length);
        var repeated = parameters.Select(param => param.Key).Where(key => !seen.Add(key)).ToList();
        if (repeated.Count > 0)
        {
            throw ApiException.Invalid(
                $"Duplicate parameter keys have been submitted: {PythonText.Repr(repeated)}."
                + " Please ensure the request contains only one param value per param key.");
        }
    }
}

/// <summary>An entry of a list of the request, for messages; none by default.</summary>
internal readonly record struct EntryPlace(string? List, int Index)
{
    /// <summary>What stands in front of a field's name, such as <c>metrics[0].</c>.</summary>
    public override string ToString() => List is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{List}[{Index}].");
}
