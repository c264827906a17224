namespace ModelRegistry.Server.Registry;

/// <summary>A row of <c>registered_models</c>.</summary>
internal sealed record RegisteredModelRow
{
    public const string Columns = "m.name, m.creation_time, m.last_updated_time, m.description";

    public required string Name { get; init; }

    public long CreationTime { get; init; }

    public long LastUpdatedTime { get; init; }

    public string? Description { get; init; }
}

/// <summary>A row of <c>model_versions</c>.</summary>
internal record ModelVersionRow
{
    public const string Columns =
        "v.name, v.version, v.creation_time, v.last_updated_time, v.description, v.user_id, v.current_stage, v.source, v.run_id, v.status, "
        + "v.status_message, v.run_link";

    public required string Name { get; init; }

    public long Version { get; init; }

    public long CreationTime { get; init; }

    public long? LastUpdatedTime { get; init; }

    public string? Description { get; init; }

    public string? UserId { get; init; }

    public string? CurrentStage { get; init; }

    public string? Source { get; init; }

    public string? RunId { get; init; }

    public string? Status { get; init; }

    public string? StatusMessage { get; init; }

    public string? RunLink { get; init; }

    /// <summary>The lowest version of the same stage; only where the newest version of each stage is read.</summary>
    public long StageSince { get; init; }

    /// <summary>Whether the model has versions in other stages; only where the newest version of all is read.</summary>
    public bool HasOtherStages { get; init; }
}

/// <summary>A version, or else one of its tags or aliases.</summary>
internal sealed record VersionPartRow : ModelVersionRow
{
    /// <summary>In place of <see cref="ModelVersionRow.Columns"/>.</summary>
    public const string NoVersion = "NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL";

    /// <summary><c>tag</c> or <c>alias</c>; null for the version itself.</summary>
    public string? Part { get; init; }

    public string? PartKey { get; init; }

    public string? PartValue { get; init; }
}

/// <summary>A tag of a model, or of one of its versions.</summary>
internal sealed record RegistryTagRow
{
    public required string Name { get; init; }

    /// <summary>0 for a tag of the model itself.</summary>
    public long Version { get; init; }

    public required string Key { get; init; }

    public string? Value { get; init; }

    public static IEnumerable<RegistryTagRow> Of(string name, Dictionary<string, string> tags) =>
        tags.Select(tag => new RegistryTagRow { Name = name, Key = tag.Key, Value = tag.Value });
}

/// <summary>A row of <c>registered_model_aliases</c>.</summary>
internal sealed record AliasRow
{
    public required string Name { get; init; }

    public required string Alias { get; init; }

    public long Version { get; init; }
}

/// <summary>A version with what belongs to it.</summary>
internal sealed record ModelVersion(ModelVersionRow Row, List<RegistryTagRow> Tags, List<string> Aliases);

/// <summary>A model with what belongs to it.</summary>
internal sealed record RegisteredModel(
    RegisteredModelRow Row,
    List<RegistryTagRow> Tags,
    List<AliasRow> Aliases,
    List<ModelVersion> LatestVersions);

/// <summary>One page of a search.</summary>
/// <param name="NextPageToken">null on the last page.</param>
internal sealed record RegistryPage<T>(IReadOnlyList<T> Items, string? NextPageToken);
