using System.Text;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Tracking.Runs;

namespace ModelRegistry.Server.Artifacts;

/// <summary>The narrow door through which other areas put small files into a run.</summary>
internal sealed class RunArtifactWriter(ArtifactStores stores, RunLocator runs)
{
    /// <param name="files">Path within the run and text of each.</param>
    /// <exception cref="ApiException">There is no such run, or this server cannot reach its artifacts.</exception>
    public async Task WriteAsync(
        Workspace workspace, string runId, IReadOnlyDictionary<string, string> files, CancellationToken cancellationToken)
    {
        var run = await runs.GetAsync(workspace, runId, cancellationToken);
        var place = stores.Locate(workspace, run.ArtifactUri);
        foreach (var (path, text) in files)
        {
            ReadOnlyMemory<byte> content = Encoding.UTF8.GetBytes(text);
            await place.WriteAsync(ArtifactPath.Parse(path), new[] { content }.ToAsyncEnumerable(), content.Length, cancellationToken);
        }
    }
}
