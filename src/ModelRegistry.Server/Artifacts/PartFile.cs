namespace ModelRegistry.Server.Artifacts;

/// <summary>A part of a slow upload on disk, in the folder for temporary files (TMPDIR). No name leads to it, so a crash leaves nothing.</summary>
internal sealed class PartFile : IAsyncDisposable
{
    private readonly FileStream file = Create();

    public ValueTask AppendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => file.WriteAsync(bytes, cancellationToken);

    /// <summary>Reads all of it, from the first byte.</summary>
    public ValueTask ReadAsync(Memory<byte> bytes, CancellationToken cancellationToken)
    {
        file.Position = 0;
        return file.ReadExactlyAsync(bytes, cancellationToken);
    }

    public ValueTask DisposeAsync() => file.DisposeAsync();

    private static FileStream Create()
    {
        var path = Path.Combine(Path.GetTempPath(), $"modelregistry-{Guid.NewGuid():n}.part");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Delete,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
            BufferSize = 0,
        };
        if (OperatingSystem.IsWindows())
            return new FileStream(path, options);
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        File.Delete(path);
        return file;
    }
}
