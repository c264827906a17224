using System.Text.RegularExpressions;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Http.Binding;
using ModelRegistry.Server.Python;
using ModelRegistry.Server.Tracking.LoggedModels;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Registry;

/// <summary>
/// Where the files of a new version may be. A local path is accepted only inside the artifacts of the run or logged model it comes from:
/// anything else would let a client read the server's disk through the registry.
/// </summary>
internal sealed class SourceRules(ServerOptions options, RunLocator runs, LoggedModelLocator models)
{
    private readonly Regex? pattern = Compile(options.ModelVersionSourcePattern);

    /// <exception cref="ApiException">INVALID_PARAMETER_VALUE, or RESOURCE_DOES_NOT_EXIST for the run or logged model of a local path.</exception>
    public async Task CheckAsync(
        Workspace workspace, string source, string? runId, string? modelId, bool isPrompt, CancellationToken cancellationToken)
    {
        if (pattern is not null && !pattern.IsMatch(source))
            throw ApiException.Invalid($"Invalid model version source: '{source}'.");
        if (isPrompt)
            CheckPromptSource(source);
        else if (!LocalPath.IsLocal(source))
            CheckRemote(source);
        else if (!string.IsNullOrEmpty(modelId))
            CheckLocal(source, (await models.GetAsync(workspace, modelId, cancellationToken)).ArtifactLocation, "model_id");
        else if (!string.IsNullOrEmpty(runId))
            CheckLocal(source, (await runs.GetAsync(workspace, runId, cancellationToken)).ArtifactUri ?? "", "run_id");
        else
            throw OutsideArtifacts(source, "run_id");
    }

    /// <summary>Prompts have no files; clients send a placeholder.</summary>
    private static void CheckPromptSource(string source)
    {
        var scheme = PythonUrl.Parse(source).Scheme;
        if (scheme == "file" || (scheme == "" && source.StartsWith('/')))
            throw ApiException.Invalid($"Invalid prompt source: '{source}'. Local source paths are not allowed for prompts.");
        if (scheme != "")
            CheckRemote(source);
    }

    private static void CheckLocal(string source, string root, string parameter)
    {
        var path = LocalPath.Resolve(source);
        if (!LocalPath.IsLocal(root) || !RealPath.IsWithin(LocalPath.Resolve(root), path))
            throw OutsideArtifacts(path, parameter);
    }

    private static void CheckRemote(string source)
    {
        // What is still encoded after so many rounds hides something.
        var decoded = PercentDecoding.Fully(source, plusIsBlank: true) ?? "";
        var path = PythonUrl.Parse(decoded).Path.TrimEnd('/');
        while (path.Contains("//", StringComparison.Ordinal))
            path = path.Replace("//", "/", StringComparison.Ordinal);
        var isPlain = path.StartsWith('/') && !path.Contains('\0', StringComparison.Ordinal)
            && !decoded.Split('/').Contains("..") && KeyRules.Normalize(path) == path;
        if (!isPlain)
        {
            throw ApiException.Invalid(
                $"Invalid model version source: '{source}'. If supplying a source as an http, https, local file path, ftp, objectstore, "
                + "or mlflow-artifacts uri, an absolute path must be provided without relative path references present. "
                + "Please provide an absolute path.");
        }
    }

    private static ApiException OutsideArtifacts(string source, string parameter) => ApiException.Invalid(
        $"Invalid model version source: '{source}'. To use a local path as a model version source, the {parameter} request parameter "
        + $"has to be specified and the local path has to be contained within the artifact directory of the run specified by the {parameter}.");

    private static Regex? Compile(string? pattern)
    {
        try
        {
            return string.IsNullOrEmpty(pattern) ? null : new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException e)
        {
            throw new StartupException($"MLFLOW_CREATE_MODEL_VERSION_SOURCE_VALIDATION_REGEX is not a regular expression: {e.Message}");
        }
    }
}
