namespace ModelRegistry.Server.Caching;

/// <summary>
/// Keeps finished answers between requests. An answer belongs to a group, which is what one change forgets. Once <see cref="ForgetAsync"/>
/// has returned, nobody on any replica is given an answer of the group that was loaded before.
/// </summary>
internal interface ICache
{
    /// <summary>False when nothing is ever kept, and no change has to be told.</summary>
    bool IsOn { get; }

    /// <summary>The answer that is kept, or else what <paramref name="load"/> gives. Failures of the cache are never the caller's.</summary>
    ValueTask<byte[]> GetAsync(CacheKey key, Func<CancellationToken, Task<LoadedAnswer>> load, CancellationToken cancellationToken);

    /// <summary>
    /// To be called before a change: until <see cref="ForgetAsync"/>, or for half a minute if that is never called, nothing is kept of the groups.
    /// </summary>
    /// <exception cref="System.Data.Common.DbException">Neither the cache nor the database could be told. The change must not be made.</exception>
    Task AnnounceAsync(IReadOnlyCollection<string> groups);

    /// <summary>To be called after the commit and before the answer, also when it is not known whether the commit took effect.</summary>
    /// <exception cref="System.Data.Common.DbException">Neither the cache nor the database could be told. The change must not be acknowledged.</exception>
    Task ForgetAsync(IReadOnlyCollection<string> groups);

    /// <summary>As <see cref="ForgetAsync"/> for every group there is; slow, and for rare changes.</summary>
    Task ForgetAllAsync();
}

/// <summary>Names an answer.</summary>
/// <param name="Group">What one change forgets at once.</param>
/// <param name="Entry">Which answer of the group.</param>
internal readonly record struct CacheKey(string Group, string Entry);

/// <summary>An answer that was just made.</summary>
/// <param name="Body">Finished UTF-8.</param>
/// <param name="MayBeKept">False when changes of the group that was asked for do not say when it gets wrong.</param>
internal readonly record struct LoadedAnswer(byte[] Body, bool MayBeKept);
