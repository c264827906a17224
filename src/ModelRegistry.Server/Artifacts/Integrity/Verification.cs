using System.Runtime.CompilerServices;
using ModelRegistry.Server.Registry;

namespace ModelRegistry.Server.Artifacts.Integrity;

/// <summary>Verifies many versions, one after the other.</summary>
internal sealed class Verification(VersionIntegrity versions, VersionVerifier verifier)
{
    private const int VersionsPerPage = 200;

    public Task<long> CountAsync(VersionSelection selection, CancellationToken cancellationToken) => versions.CountAsync(selection, cancellationToken);

    /// <summary>What was found, as it is found; a version whose store is out of reach for now is passed over and says so.</summary>
    public async IAsyncEnumerable<VersionFinding> RunAsync(
        VersionSelection selection, bool deep, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        List<VersionLocation> page = [];
        do
        {
            page = await versions.ListAsync(selection, page.LastOrDefault(), VersionsPerPage, cancellationToken);
            foreach (var version in page)
                yield return await TryAsync(version, deep, cancellationToken);
        }
        while (page.Count == VersionsPerPage);
    }

    private async Task<VersionFinding> TryAsync(VersionLocation version, bool deep, CancellationToken cancellationToken)
    {
        try
        {
            return await verifier.VerifyAsync(version, deep, cancellationToken);
        }
        catch (StoreException e)
        {
            return new VersionFinding(version, FileState.Unknown, $"Not verified: {e.Message}", []) { IsPassedOver = true };
        }
    }
}
