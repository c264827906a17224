using ModelRegistry.Server.Http.Binding;

namespace ModelRegistry.Server.Tracking.Inputs;

/// <summary>Lengths of the parts of a dataset; absent texts count as empty ones.</summary>
internal static class InputRules
{
    private const int MaxName = 500;
    private const int MaxDigest = 36;
    private const int MaxSource = 65_535;
    private const int MaxSchema = 1_048_575;
    private const int MaxProfile = 16_777_215;
    private const int MaxTagKey = 255;
    private const int MaxTagValue = 500;

    public static void Check(DatasetInputPart input)
    {
        KeyRules.CheckLength("name", input.Dataset?.Name, MaxName);
        KeyRules.CheckLength("digest", input.Dataset?.Digest, MaxDigest);
        KeyRules.CheckLength("source", input.Dataset?.Source, MaxSource);
        KeyRules.CheckLength("schema", input.Dataset?.Schema, MaxSchema);
        KeyRules.CheckLength("profile", input.Dataset?.Profile, MaxProfile);
        foreach (var tag in input.Tags ?? [])
        {
            KeyRules.CheckLength("key", tag.Key, MaxTagKey);
            KeyRules.CheckLength("value", tag.Value, MaxTagValue);
        }
    }
}
