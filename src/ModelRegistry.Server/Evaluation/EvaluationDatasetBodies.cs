using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Search;

namespace ModelRegistry.Server.Evaluation;

/// <summary>An evaluation dataset on the wire; tags, schema and profile are JSON in a string.</summary>
internal sealed record EvaluationDatasetBody(
    string DatasetId,
    string Name,
    string Tags,
    string? Schema,
    string? Profile,
    string? Digest,
    long? CreatedTime,
    long? LastUpdateTime,
    string? CreatedBy,
    string? LastUpdatedBy,
    List<string>? ExperimentIds)
{
    /// <param name="experimentIds">Told by the answer to the creation alone.</param>
    public static EvaluationDatasetBody From(EvaluationDataset dataset, List<string>? experimentIds = null) => new(
        dataset.Row.DatasetId,
        dataset.Row.Name,
        EmbeddedJson.Write(dataset.Tags.Select(tag => KeyValuePair.Create(tag.Key, tag.Value is null ? "null" : PythonText.CompactJson(tag.Value)))),
        dataset.Row.Schema,
        dataset.Row.Profile,
        dataset.Row.Digest,
        dataset.Row.CreatedTime,
        dataset.Row.LastUpdateTime,
        dataset.Row.CreatedBy,
        dataset.Row.LastUpdatedBy,
        experimentIds);
}

internal sealed record EvaluationDatasetResponse(EvaluationDatasetBody Dataset);

internal sealed record EvaluationDatasetsResponse(List<EvaluationDatasetBody> Datasets, string? NextPageToken);

internal sealed record EvaluationDatasetExperimentsResponse(List<string> ExperimentIds);

internal sealed record UpsertDatasetRecordsResponse(int InsertedCount, int UpdatedCount);

internal sealed record DatasetRecordsResponse(string Records, string? NextPageToken);

internal sealed record DeleteDatasetRecordsResponse(int DeletedCount);

internal sealed record CreateEvaluationDatasetRequest
{
    [Must(Be.Required | Be.Text)]
    public string Name { get; set; } = null!;

    [Must(Be.List)]
    public List<string>? ExperimentIds { get; set; }

    [Must(Be.Text)]
    public string? Tags { get; set; }
}

internal sealed record EvaluationDatasetIdRequest
{
    public string? DatasetId { get; set; }
}

internal sealed record EvaluationDatasetExperimentsRequest
{
    public string? DatasetId { get; set; }

    [Must(Be.List)]
    public List<string>? ExperimentIds { get; set; }
}

internal sealed record SearchEvaluationDatasetsRequest
{
    [Must(Be.List)]
    public List<string>? ExperimentIds { get; set; }

    [Must(Be.Text)]
    public string? FilterString { get; set; }

    [Must(Be.Integer)]
    public int? MaxResults { get; set; }

    [Must(Be.List)]
    public List<string>? OrderBy { get; set; }

    [Must(Be.Text)]
    public string? PageToken { get; set; }
}

internal sealed record SetDatasetTagsRequest
{
    public string? DatasetId { get; set; }

    [Must(Be.Required | Be.Text)]
    public string Tags { get; set; } = null!;
}

internal sealed record DeleteDatasetTagRequest
{
    public string? DatasetId { get; set; }

    public string? Key { get; set; }
}

internal sealed record UpsertDatasetRecordsRequest
{
    public string? DatasetId { get; set; }

    [Must(Be.Required | Be.Text)]
    public string Records { get; set; } = null!;
}

internal sealed record GetDatasetRecordsRequest
{
    public string? DatasetId { get; set; }

    [Must(Be.Integer)]
    public int? MaxResults { get; set; }

    [Must(Be.Text)]
    public string? PageToken { get; set; }
}

internal sealed record DeleteDatasetRecordsRequest
{
    public string? DatasetId { get; set; }

    [Must(Be.List)]
    public List<string>? DatasetRecordIds { get; set; }
}
