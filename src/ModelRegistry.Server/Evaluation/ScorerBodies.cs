using System.Globalization;
using ModelRegistry.Server.Http.Binding;

namespace ModelRegistry.Server.Evaluation;

/// <summary>A version of a scorer on the wire, where the id of the experiment is a number.</summary>
internal sealed record ScorerBody(
    long ExperimentId, string ScorerName, int ScorerVersion, string SerializedScorer, long? CreationTime, string ScorerId)
{
    public static ScorerBody From(ScorerVersionRow row) =>
        new(row.ExperimentId, row.ScorerName, (int)row.ScorerVersion, row.SerializedScorer, row.CreationTime, row.ScorerId);

    /// <summary>As lists tell it: there MLflow writes the content anew.</summary>
    public static ScorerBody Listed(ScorerVersionRow row) => From(row with { SerializedScorer = ScorerContent.Normalize(row.SerializedScorer) });
}

internal sealed record ScorerResponse(ScorerBody Scorer);

internal sealed record ScorersResponse(List<ScorerBody> Scorers);

internal sealed record RegisterScorerResponse(
    int Version, string ScorerId, string ExperimentId, string Name, string SerializedScorer, long? CreationTime)
{
    public static RegisterScorerResponse From(ScorerVersionRow row) => new(
        (int)row.ScorerVersion,
        row.ScorerId,
        row.ExperimentId.ToString(CultureInfo.InvariantCulture),
        row.ScorerName,
        row.SerializedScorer,
        row.CreationTime);
}

internal sealed record RegisterScorerRequest
{
    [Must(Be.Required | Be.Text)]
    public string ExperimentId { get; set; } = null!;

    [Must(Be.Required | Be.Text)]
    public string Name { get; set; } = null!;

    [Must(Be.Required | Be.Text)]
    public string SerializedScorer { get; set; } = null!;
}

internal sealed record ListScorersRequest
{
    [Must(Be.Required | Be.Text)]
    public string ExperimentId { get; set; } = null!;
}

internal sealed record ListScorerVersionsRequest
{
    [Must(Be.Required | Be.Text)]
    public string ExperimentId { get; set; } = null!;

    [Must(Be.Required | Be.Text)]
    public string Name { get; set; } = null!;
}

internal sealed record ScorerVersionRequest
{
    [Must(Be.Required | Be.Text)]
    public string ExperimentId { get; set; } = null!;

    [Must(Be.Required | Be.Text)]
    public string Name { get; set; } = null!;

    [Must(Be.Integer)]
    public int? Version { get; set; }
}
