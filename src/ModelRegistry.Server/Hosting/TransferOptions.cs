namespace ModelRegistry.Server.Hosting;

/// <summary>Whether clients may move files between themselves and the store, past this server.</summary>
internal enum DirectTransferMode
{
    /// <summary>When the start has proved that it works.</summary>
    Auto,

    /// <summary>Without that proof: clients reach the store's addresses although this server may not.</summary>
    On,

    /// <summary>Never: all bytes go through this server.</summary>
    Off,
}

/// <summary>What <c>serve</c> was told about addresses that clients read and write files by, past this server.</summary>
internal sealed record TransferOptions
{
    public DirectTransferMode Mode { get; init; }

    /// <summary>How long an address to download from can be used.</summary>
    public TimeSpan DownloadLifetime { get; init; } = TimeSpan.FromSeconds(300);
}
