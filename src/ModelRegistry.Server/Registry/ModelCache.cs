using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ModelRegistry.Server.Caching;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Registry;

/// <summary>
/// What the registry keeps in the cache: the answers of a few reads of one model, as finished JSON. They are one group per model, and every
/// write of the registry goes through <see cref="RegistryWriter"/>, which forgets the group.
/// </summary>
internal sealed class ModelCache(ICache cache)
{
    /// <summary>Maps a read of one model whose answers may be kept.</summary>
    public RpcConventions Get<TRequest, TResponse>(
        RpcRoutes rpc, string path, RpcHandler<TRequest, TResponse> load, CachedRead<TRequest, TResponse> read)
        where TRequest : class, new() =>
        (cache.IsOn ? rpc.Get(path, Cached(load, read, rpc.Json.TypeOf<TResponse>())) : rpc.Get(path, load)).Add(CallShape.Of(load));

    private RpcHandler<TRequest, RawJson> Cached<TRequest, TResponse>(
        RpcHandler<TRequest, TResponse> load, CachedRead<TRequest, TResponse> read, JsonTypeInfo<TResponse> type) =>
        async (request, context, cancellationToken) =>
        {
            var name = read.Name(request);
            var key = new CacheKey(Group(context.Workspace.Name, name), read.Entry(request));
            return new RawJson(await cache.GetAsync(key, LoadAsync, cancellationToken));

            async Task<LoadedAnswer> LoadAsync(CancellationToken token)
            {
                var answer = await load(request, context, token);

                // A database that ignores case finds a model under many names; a change would forget it under its own alone.
                return new LoadedAnswer(JsonSerializer.SerializeToUtf8Bytes(answer, type), read.StoredName(answer) == name);
            }
        };

    /// <summary>What a change of a model forgets.</summary>
    public static string Group(string workspace, string name) => $"{workspace}/{name}";
}

/// <summary>How answers of a read are told apart.</summary>
/// <param name="Name">The model that the request names.</param>
/// <param name="Entry">What the request asks for of that model.</param>
/// <param name="StoredName">The name of the model as the database has it.</param>
internal sealed record CachedRead<TRequest, TResponse>(Func<TRequest, string> Name, Func<TRequest, string> Entry, Func<TResponse, string> StoredName);
