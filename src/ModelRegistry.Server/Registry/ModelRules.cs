using System.Globalization;
using System.Text;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Webhooks;

namespace ModelRegistry.Server.Registry;

/// <summary>What names, version numbers, aliases and tags of the registry must look like.</summary>
internal static class ModelRules
{
    /// <summary>Marks a registered model, and its versions, as a prompt.</summary>
    public const string PromptTag = RegistryEvent.PromptTag;

    private const string PromptTextTag = "mlflow.prompt.text";
    private const int MaxTagKey = 250;
    private const int MaxTagValue = 100_000;
    private const int MaxAlias = 255;

    public static void CheckName(string name)
    {
        CheckNotBlank(name, "name");
        if (name.AsSpan().ContainsAny('/', ':'))
            throw ApiException.Invalid($"Invalid model name '{name}'. Names cannot contain '/' or ':'.");
        KeyRules.CheckPath(name, "name");
    }

    public static void CheckNewName(string newName)
    {
        CheckNotBlank(newName, "new_name");
        CheckName(newName);
    }

    /// <summary>Reads a version number as Python's <c>int()</c> reads it; numbers no version can have come back as 0.</summary>
    public static long ParseVersion(string version)
    {
        var text = version.Trim();
        var digits = text.StartsWith('+') || text.StartsWith('-') ? text[1..] : text;
        var isInteger = digits.Length > 0 && char.IsAsciiDigit(digits[0]) && char.IsAsciiDigit(digits[^1])
            && digits.All(c => char.IsAsciiDigit(c) || c == '_') && !digits.Contains("__", StringComparison.Ordinal);
        if (!isInteger)
            throw ApiException.Invalid($"Parameter 'version' must be an integer, got '{version}'.");
        var plain = text.Replace("_", "", StringComparison.Ordinal);
        return long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    public static void CheckAlias(string alias)
    {
        if (alias == "")
            throw ApiException.Invalid("Registered model alias name cannot be empty.");
        if (!alias.EnumerateRunes().All(rune => KeyRules.IsWord(rune) || rune.Value == '-'))
        {
            throw ApiException.Invalid(
                $"Invalid alias name: '{alias}'. Names may only contain alphanumerics, underscores (_), and dashes (-).");
        }

        KeyRules.CheckLength("Registered model alias name", alias, MaxAlias);
    }

    /// <summary>Names that mean something already and so cannot be given to a version.</summary>
    public static void CheckAliasNotReserved(string alias)
    {
        if (IsLatest(alias))
            throw ApiException.Invalid("'latest' alias name (case insensitive) is reserved.");
        if (alias.Length > 1 && alias[0] is 'v' or 'V' && alias[1..].EnumerateRunes().All(Rune.IsDigit))
            throw ApiException.Invalid($"Version alias name '{alias}' is reserved.");
    }

    public static bool IsLatest(string alias) => alias.Equals("latest", StringComparison.OrdinalIgnoreCase);

    public static void CheckModelTag(string key, string value)
    {
        CheckTagKey(key);
        KeyRules.CheckLength("key", key, MaxTagKey);
        KeyRules.CheckLength("value", value, MaxTagValue);
    }

    public static void CheckVersionTag(string key, string value)
    {
        CheckTagKey(key);
        KeyRules.CheckLength("key", key, MaxTagKey);
        if (key == PromptTextTag && KeyRules.Truncate(value, MaxTagValue).Length < value.Length)
            throw ApiException.Invalid($"Prompt text exceeds max length of {MaxTagValue} characters.");
        KeyRules.CheckLength("value", value, MaxTagValue);
    }

    public static void CheckTagKey(string key) => KeyRules.Check(key, "key");

    public static ApiException ModelNotFound(string name) => ApiException.NotFound($"Registered Model with name={name} not found");

    /// <param name="version">The number as the client wrote it.</param>
    public static ApiException VersionNotFound(string name, string version) =>
        ApiException.NotFound($"Model Version (name={name}, version={version}) not found");

    private static void CheckNotBlank(string name, string parameter)
    {
        if (string.IsNullOrWhiteSpace(name))
            throw ApiException.Invalid($"Missing value for required parameter '{parameter}'.");
    }
}
