using System.Globalization;
using System.Text.Json;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Evaluation;

/// <summary>An issue on the wire.</summary>
internal sealed record IssueBody(
    string IssueId,
    string ExperimentId,
    string Name,
    string Description,
    string Status,
    string? Severity,
    List<string> RootCauses,
    string? SourceRunId,
    long CreatedTimestamp,
    long LastUpdatedTimestamp,
    string? CreatedBy,
    List<string> Categories,
    int? TraceCount)
{
    public static IssueBody From(IssueRow row) => new(
        row.IssueId,
        row.ExperimentId.ToString(CultureInfo.InvariantCulture),
        row.Name,
        row.Description,
        row.Status,
        NullIfEmpty(row.Severity),
        Texts(row.RootCauses),
        NullIfEmpty(row.SourceRunId),
        row.CreatedTimestamp,
        row.LastUpdatedTimestamp,
        NullIfEmpty(row.CreatedBy),
        Texts(row.Categories),
        (int?)row.TraceCount);

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static List<string> Texts(string? json) =>
        string.IsNullOrEmpty(json) || EmbeddedJson.Parse(json) is not { ValueKind: JsonValueKind.Array } list
            ? []
            : [.. list.EnumerateArray().Select(EmbeddedJson.Text)];
}

internal sealed record IssueResponse(IssueBody Issue);

/// <param name="NextPageToken">Empty on the last page.</param>
internal sealed record IssuesResponse(List<IssueBody> Issues, string NextPageToken);

internal sealed record CreateIssueRequest
{
    [Must(Be.Required | Be.Text)]
    public string Name { get; set; } = null!;

    [Must(Be.Required | Be.Text)]
    public string Description { get; set; } = null!;

    [Must(Be.Required | Be.Text)]
    public string ExperimentId { get; set; } = null!;

    public string? Status { get; set; }

    public string? Severity { get; set; }

    public List<string>? RootCauses { get; set; }

    public string? SourceRunId { get; set; }

    public string? CreatedBy { get; set; }

    public List<string>? Categories { get; set; }
}

internal sealed record IssueIdRequest
{
    public string? IssueId { get; set; }
}

internal sealed record UpdateIssueRequest
{
    [Must(Be.Required)]
    public string IssueId { get; set; } = null!;

    public string? Name { get; set; }

    public string? Description { get; set; }

    public string? Status { get; set; }

    public string? Severity { get; set; }
}

internal sealed record SearchIssuesRequest
{
    public string? ExperimentId { get; set; }

    public string? FilterString { get; set; }

    public int? MaxResults { get; set; }

    public string? PageToken { get; set; }

    public bool? IncludeTraceCount { get; set; }
}
