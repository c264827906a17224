using System.Security.Cryptography;
using System.Text;

namespace ModelRegistry.Server.Artifacts.Integrity;

/// <summary>
/// Name of a file or folder in the ledger: that of its store and its path there. Files behind <c>mlflow-artifacts:/</c> keep theirs when the
/// destination moves, so that a copy can be verified against what was once uploaded.
/// </summary>
internal sealed record ArtifactAddress(string Text)
{
    /// <param name="root">URI of the store's root.</param>
    public static ArtifactAddress Of(string root, ArtifactPath path) => new(path.IsRoot ? root.TrimEnd('/') : $"{root.TrimEnd('/')}/{path.Key}");

    /// <summary>Key of the row: addresses are longer than an index of MySQL can take.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));

    /// <summary>What the addresses of all files in this folder, and of nothing else, begin with.</summary>
    public string First => Text + "/";

    /// <summary>The least text above all addresses in this folder: '0' comes after '/'.</summary>
    public string Last => Text + "0";

    public override string ToString() => Text;
}
