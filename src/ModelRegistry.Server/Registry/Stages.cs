using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Registry;

/// <summary>The stages of a model version.</summary>
internal static class Stages
{
    public const string None = "None";
    public const string Archived = "Archived";

    /// <summary>The stage of a deleted version, whose row stays so that its number is never used again.</summary>
    public const string Deleted = "Deleted_Internal";

    private static readonly string[] All = [None, "Staging", "Production", Archived];

    /// <summary>A stage given in any letter case, in its proper spelling.</summary>
    /// <exception cref="ApiException">INVALID_PARAMETER_VALUE.</exception>
    public static string Parse(string stage) =>
        All.FirstOrDefault(known => known.Equals(stage, StringComparison.OrdinalIgnoreCase))
        ?? throw ApiException.Invalid($"Invalid Model Version stage: {stage}. Value must be one of {string.Join(", ", All)}.");

    /// <summary>Only versions that leave an active stage can be archived along the way.</summary>
    /// <param name="stage">As the client wrote it.</param>
    public static void CheckCanArchiveOthers(string stage)
    {
        if (Parse(stage) is None or Archived)
        {
            throw ApiException.Internal(
                $"Model version transition cannot archive existing model versions because '{stage}' is not an Active stage. "
                + "Valid stages are ['Staging', 'Production']");
        }
    }
}
