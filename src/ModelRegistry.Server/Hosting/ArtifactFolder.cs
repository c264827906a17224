using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Hosting;

/// <summary>The local folder that <c>--artifacts-destination</c> names.</summary>
internal static class ArtifactFolder
{
    /// <summary>Whether the destination is a folder, and not a bucket of an object store.</summary>
    public static bool IsFolder(string destination) =>
        destination.StartsWith("file:", StringComparison.OrdinalIgnoreCase) || !destination.Contains("://", StringComparison.Ordinal);

    /// <exception cref="StartupException">The destination is not a local folder.</exception>
    public static string Of(string destination)
    {
        if (destination.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
            return Path.GetFullPath(Uri.TryCreate(destination, UriKind.Absolute, out var uri) ? uri.LocalPath : destination["file:".Length..]);
        return IsFolder(destination)
            ? Path.GetFullPath(destination)
            : throw new StartupException(
                $"The artifacts destination '{destination}' is not supported. Use a local folder, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX "
                + "or wasbs://CONTAINER@ACCOUNT.blob.core.windows.net/PREFIX.");
    }

    /// <summary>Creates the folder and makes sure that files can be written to it.</summary>
    /// <exception cref="StartupException">They cannot.</exception>
    public static void Prepare(string destination)
    {
        var folder = Of(destination);
        try
        {
            Directory.CreateDirectory(folder);
            using var probe = File.Create(Path.Combine(folder, $".probe-{Guid.NewGuid():n}"), 1, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"The artifact folder '{folder}' cannot be written to: {e.Message}");
        }
    }
}
