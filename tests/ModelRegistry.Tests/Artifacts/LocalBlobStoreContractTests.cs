using ModelRegistry.Server.Artifacts;
using ModelRegistry.Server.Artifacts.Local;

namespace ModelRegistry.Tests.Artifacts;

public sealed class LocalBlobStoreContractTests : BlobStoreContract, IDisposable
{
    private readonly DirectoryInfo home = Directory.CreateTempSubdirectory("modelregistry-test-");

    protected override bool KeepsOpenFiles => true;

    private protected override IBlobStore Store => new LocalBlobStore(home.FullName);

    public void Dispose() => home.Delete(recursive: true);

    protected override Task FillAsync(string folder, int count)
    {
        Directory.CreateDirectory(Path.Combine(home.FullName, folder));
        for (var i = 0; i < count; i++)
            File.WriteAllBytes(Path.Combine(home.FullName, folder, $"{i:d4}"), [1]);
        return Task.CompletedTask;
    }
}
