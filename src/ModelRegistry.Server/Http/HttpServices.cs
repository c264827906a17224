using System.Text.Json.Serialization;
using ModelRegistry.Server.Http.Json;
using ModelRegistry.Server.Http.Routing;

namespace ModelRegistry.Server.Http;

/// <summary>What every slice needs to be on the wire.</summary>
internal static class HttpServices
{
    public static IServiceCollection AddHttp(this IServiceCollection services)
    {
        services.AddRoutingCore();
        return services.AddSingleton<JsonSerializerContext>(HttpJson.Default).AddSingleton<WireJson>().AddSingleton<RpcCalls>();
    }
}
