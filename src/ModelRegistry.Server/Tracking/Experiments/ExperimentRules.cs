using System.Globalization;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http.Binding;

namespace ModelRegistry.Server.Tracking.Experiments;

/// <summary>What MLflow checks on experiments before it looks at the database.</summary>
internal static class ExperimentRules
{
    private const int MaxName = 500;
    private const int MaxTagKey = 250;
    private const int MaxTagValue = 5000;

    public static void CheckName(string name) => KeyRules.CheckLength("name", name, MaxName);

    public static void CheckTag(string key, string value)
    {
        KeyRules.Check(key, "key");
        KeyRules.CheckLength("key", key, MaxTagKey);
        KeyRules.CheckLength("value", value, MaxTagValue);
    }

    /// <exception cref="ApiException">The text is not an integer.</exception>
    public static long ParseId(string id) =>
        long.TryParse(id, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiException.Invalid($"Invalid experiment ID '{id}'. Experiment ID must be a valid integer.");

    public static ApiException NotFound(long id) => ApiException.NotFound($"No Experiment with id={id} exists");

    public static void CheckActive(ExperimentRow experiment)
    {
        if (experiment.LifecycleStage != Lifecycle.Active)
        {
            throw ApiException.Invalid(
                $"The experiment {experiment.ExperimentId} must be in the 'active' state. Current state is {experiment.LifecycleStage}.");
        }
    }
}
