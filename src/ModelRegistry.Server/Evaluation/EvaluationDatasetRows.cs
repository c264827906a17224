namespace ModelRegistry.Server.Evaluation;

internal sealed record EvaluationDatasetRow
{
    public required string DatasetId { get; init; }

    public required string Name { get; init; }

    /// <summary>JSON: the types of the fields of the records.</summary>
    public string? Schema { get; init; }

    /// <summary>JSON: the number of records.</summary>
    public string? Profile { get; init; }

    public string? Digest { get; init; }

    public long? CreatedTime { get; init; }

    public long? LastUpdateTime { get; init; }

    public string? CreatedBy { get; init; }

    public string? LastUpdatedBy { get; init; }
}

internal sealed record EvaluationDatasetTagRow
{
    public required string DatasetId { get; init; }

    public required string Key { get; init; }

    public string? Value { get; init; }
}

/// <summary>A dataset as it is answered: its row and its tags.</summary>
internal sealed record EvaluationDataset(EvaluationDatasetRow Row, IReadOnlyList<EvaluationDatasetTagRow> Tags);
