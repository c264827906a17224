using System.Globalization;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Python;

namespace ModelRegistry.Server.Evaluation;

/// <summary>The words an issue may use.</summary>
internal static class IssueRules
{
    public const string Pending = "pending";

    /// <summary>From the lowest to the highest, which is the order of searches, reversed.</summary>
    public static readonly string[] Severities = ["not_an_issue", "low", "medium", "high"];

    private static readonly string[] Statuses = [Pending, "rejected", "resolved"];

    /// <exception cref="ApiException">The status is none of MLflow's.</exception>
    public static void CheckStatus(string? status) => Check("status", status, Statuses);

    /// <exception cref="ApiException">The severity is none of MLflow's.</exception>
    public static void CheckSeverity(string? severity) => Check("severity", severity, Severities);

    /// <exception cref="ApiException">The text is not an integer.</exception>
    public static long ParseExperimentId(string id) =>
        long.TryParse(id, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiException.Invalid($"Invalid experiment ID '{id}'. Experiment ID must be a valid integer.");

    private static void Check(string parameter, string? value, string[] valid)
    {
        if (value is not null && !valid.Contains(value))
            throw ApiException.Invalid($"Invalid value {PythonText.Repr(value)} for parameter '{parameter}' supplied. Valid values are {PythonText.Repr(valid)}");
    }
}
