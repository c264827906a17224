namespace ModelRegistry.Server.Caching.Redis;

/// <summary>Leave to use the cache for a moment: the terms were read and nobody had suspended it.</summary>
/// <param name="Since">When the reading of the terms began, by the clock of this process.</param>
internal sealed record CacheLease(CacheState Terms, RedisSession Session, long Since, TimeProvider Time)
{
    /// <summary>How long the terms count after they were read.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(1);

    /// <summary>After this time a lease of any replica from before has ended, even if its clock runs slower by a tenth.</summary>
    public static readonly TimeSpan LongestOfOthers = Length * 1.2;

    public bool IsValid => Time.GetElapsedTime(Since) < Length;
}
