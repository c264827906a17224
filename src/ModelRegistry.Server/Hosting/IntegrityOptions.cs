namespace ModelRegistry.Server.Hosting;

/// <summary>What <c>serve</c> was told about verifying the files of model versions.</summary>
internal sealed record IntegrityOptions
{
    /// <summary>From the end of one round over all versions to the start of the next; null for none.</summary>
    public TimeSpan? Interval { get; init; }

    /// <summary>Read every file instead of asking the store for sizes and checksums.</summary>
    public bool Deep { get; init; }
}

/// <summary>What the command <c>verify</c> was asked for.</summary>
/// <param name="Model">Null for all.</param>
/// <param name="Version">Null for all.</param>
/// <param name="Deep">As <see cref="IntegrityOptions.Deep"/>.</param>
internal sealed record VerifyRequest(string? Model, long? Version, bool Deep);
