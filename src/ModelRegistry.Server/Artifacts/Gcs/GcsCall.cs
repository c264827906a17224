using System.Net;

namespace ModelRegistry.Server.Artifacts.Gcs;

/// <summary>What a call is about, for those who have to mend it when it fails.</summary>
/// <param name="Subject">What is called: <c>bucket 'models'</c>.</param>
/// <param name="Permission">The permission it takes: <c>storage.objects.get</c>.</param>
internal sealed record GcsCall(string Subject, string Permission)
{
    /// <summary>Statuses that are answers here, not failures.</summary>
    public IReadOnlyList<HttpStatusCode> Expected { get; init; } = [];

    public static GcsCall OfBucket(string bucket, string permission, params IReadOnlyList<HttpStatusCode> expected) =>
        new($"bucket '{bucket}'", permission) { Expected = expected };

    /// <summary>Whether the caller knows what to do with this answer.</summary>
    public bool Accepts(HttpStatusCode status) => (int)status is >= 200 and < 300 || Expected.Contains(status);
}
