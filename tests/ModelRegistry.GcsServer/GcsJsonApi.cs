using System.Globalization;
using System.Text;

namespace ModelRegistry.GcsServer;

/// <summary><c>/storage/v1/b/BUCKET/o</c>: metadata, content, listing, deletion.</summary>
internal sealed class GcsJsonApi(GcsServer server)
{
    public Task HandleAsync(GcsRequest request) => (request.Method, request.Segments) switch
    {
        ("GET", [_, _, "b", var bucket, "o"]) => ListAsync(request, Bucket(request, bucket, "storage.objects.list")),
        ("GET", [_, _, "b", var bucket, "o", var key]) => GetAsync(request, Bucket(request, bucket, "storage.objects.get"), key),
        ("DELETE", [_, _, "b", var bucket, "o", var key]) => DeleteAsync(request, Bucket(request, bucket, "storage.objects.delete"), key),
        _ => throw new GcsException(404, "notFound", "Not Found"),
    };

    public static object Describe(GcsObjectState file, string bucket) => new
    {
        kind = "storage#object",
        name = file.Key,
        bucket,
        generation = file.Generation.ToString(CultureInfo.InvariantCulture),
        metageneration = "1",
        contentType = file.ContentType,
        size = file.Size.ToString(CultureInfo.InvariantCulture),
        crc32c = file.Crc32c,
        updated = file.Updated.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
    };

    private GcsBucketState Bucket(GcsRequest request, string name, string permission) => server.Accounts.Admit(request, name, permission);

    private static Task GetAsync(GcsRequest request, GcsBucketState bucket, string key)
    {
        var file = bucket.Find(key);
        var generation = request.Parameter("generation");
        if (file is null || (generation.Length > 0 && generation != $"{file.Generation}"))
            throw GcsException.NoSuchObject(bucket.Name, key);
        return request.Parameter("alt") == "media" ? request.SendAsync(file) : request.Http.Response.WriteAsJsonAsync(Describe(file, bucket.Name));
    }

    private static Task DeleteAsync(GcsRequest request, GcsBucketState bucket, string key)
    {
        var file = bucket.Find(key) ?? throw GcsException.NoSuchObject(bucket.Name, key);
        if (request.Parameter("ifGenerationMatch") is { Length: > 0 } generation && generation != $"{file.Generation}")
            throw new GcsException(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.");
        bucket.Remove(key);
        request.LoseAnswer();
        request.Http.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private Task ListAsync(GcsRequest request, GcsBucketState bucket)
    {
        var (prefix, delimiter) = (request.Parameter("prefix"), request.Parameter("delimiter"));
        var after = Encoding.UTF8.GetString(Convert.FromBase64String(request.Parameter("pageToken")));
        var limit = Math.Min(server.PageLimit, int.TryParse(request.Parameter("maxResults"), CultureInfo.InvariantCulture, out var asked) ? asked : 1000);
        var entries = bucket.Under(prefix)
            .Select(file => (Name: delimiter.Length == 0 ? file.Key : Fold(file.Key, prefix.Length, delimiter), File: file))
            .DistinctBy(entry => entry.Name)
            .Where(entry => after.Length == 0 || string.CompareOrdinal(entry.Name, after) > 0)
            .Take(limit + 1).ToList();
        var page = entries.Take(limit).ToList();
        return request.Http.Response.WriteAsJsonAsync(new
        {
            kind = "storage#objects",
            items = page.Where(entry => entry.Name == entry.File.Key).Select(entry => Describe(entry.File, bucket.Name)),
            prefixes = page.Where(entry => entry.Name != entry.File.Key).Select(entry => entry.Name),
            nextPageToken = entries.Count > limit ? Convert.ToBase64String(Encoding.UTF8.GetBytes(page[^1].Name)) : null,
        });
    }

    private static string Fold(string key, int start, string delimiter)
    {
        var end = key.IndexOf(delimiter, start, StringComparison.Ordinal);
        return end < 0 ? key : key[..(end + delimiter.Length)];
    }
}
