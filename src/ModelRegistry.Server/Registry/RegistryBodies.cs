using System.Globalization;

namespace ModelRegistry.Server.Registry;

/// <summary>A registered model on the wire.</summary>
internal sealed record RegisteredModelBody(
    string Name,
    long CreationTimestamp,
    long LastUpdatedTimestamp,
    string? Description,
    List<ModelVersionBody> LatestVersions,
    List<RegistryTagBody> Tags,
    List<RegisteredModelAliasBody> Aliases)
{
    public static RegisteredModelBody From(RegisteredModel model) => new(
        model.Row.Name,
        model.Row.CreationTime,
        model.Row.LastUpdatedTime,
        model.Row.Description is "" ? null : model.Row.Description,
        model.LatestVersions.ConvertAll(ModelVersionBody.From),
        model.Tags.ConvertAll(RegistryTagBody.From),
        model.Aliases.ConvertAll(RegisteredModelAliasBody.From));
}

/// <summary>A model version on the wire; its number travels as text.</summary>
internal sealed record ModelVersionBody(
    string Name,
    string Version,
    long CreationTimestamp,
    long? LastUpdatedTimestamp,
    string? UserId,
    string? CurrentStage,
    string? Description,
    string? Source,
    string? RunId,
    string? Status,
    string? StatusMessage,
    List<RegistryTagBody> Tags,
    string? RunLink,
    List<string> Aliases)
{
    public static ModelVersionBody From(ModelVersion version) => new(
        version.Row.Name,
        version.Row.Version.ToString(CultureInfo.InvariantCulture),
        version.Row.CreationTime,
        version.Row.LastUpdatedTime,
        version.Row.UserId,
        version.Row.CurrentStage,
        version.Row.Description,
        version.Row.Source,
        version.Row.RunId,
        version.Row.Status,
        version.Row.StatusMessage is "" ? null : version.Row.StatusMessage,
        version.Tags.ConvertAll(RegistryTagBody.From),
        version.Row.RunLink,
        version.Aliases);
}

/// <summary>A tag of a model or a version, in both directions.</summary>
internal sealed record RegistryTagBody
{
    public string? Key { get; set; }

    public string? Value { get; set; }

    public static RegistryTagBody From(RegistryTagRow row) => new() { Key = row.Key, Value = row.Value ?? "" };

    /// <summary>The tags of a create request: of a repeated key the last value counts.</summary>
    public static Dictionary<string, string> ToDictionary(List<RegistryTagBody>? tags)
    {
        var byKey = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in tags ?? [])
            byKey[tag.Key ?? ""] = tag.Value ?? "";
        return byKey;
    }
}

/// <summary>An alias in a registered model.</summary>
internal sealed record RegisteredModelAliasBody(string Alias, string Version)
{
    public static RegisteredModelAliasBody From(AliasRow row) => new(row.Alias, row.Version.ToString(CultureInfo.InvariantCulture));
}

internal sealed record RegisteredModelResponse(RegisteredModelBody RegisteredModel);

internal sealed record RegisteredModelsResponse(List<RegisteredModelBody> RegisteredModels, string? NextPageToken)
{
    public static RegisteredModelsResponse From(RegistryPage<RegisteredModel> page) =>
        new([.. page.Items.Select(RegisteredModelBody.From)], page.NextPageToken);
}

internal sealed record ModelVersionResponse(ModelVersionBody ModelVersion);

internal sealed record ModelVersionsResponse(List<ModelVersionBody> ModelVersions, string? NextPageToken)
{
    public static ModelVersionsResponse From(RegistryPage<ModelVersion> page) =>
        new([.. page.Items.Select(ModelVersionBody.From)], page.NextPageToken);
}
