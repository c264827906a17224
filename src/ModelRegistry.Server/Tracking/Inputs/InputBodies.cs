namespace ModelRegistry.Server.Tracking.Inputs;

/// <summary>What a run read and made, as the wire has it.</summary>
internal sealed record RunInputs
{
    public List<DatasetInputBody> DatasetInputs { get; } = [];

    public List<ModelInputBody> ModelInputs { get; } = [];

    public List<ModelOutputBody> ModelOutputs { get; } = [];
}

internal sealed record DatasetInputBody(List<InputTagBody> Tags, DatasetBody Dataset);

internal sealed record InputTagBody(string Key, string Value);

internal sealed record DatasetBody(string Name, string Digest, string SourceType, string Source, string? Schema, string? Profile);

internal sealed record ModelInputBody(string ModelId);

internal sealed record ModelOutputBody(string ModelId, long Step);
