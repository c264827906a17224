using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Hosting;

/// <summary>The <c>health</c> command, for container images that have no HTTP client.</summary>
internal static class HealthProbe
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    /// <exception cref="StartupException">The server does not answer, or is not well.</exception>
    public static async Task RunAsync(ServerOptions options)
    {
        var host = options.Host is "0.0.0.0" or "::" ? "127.0.0.1" : options.Host;
        var url = new UriBuilder("http", host, options.Port, "/health").Uri;
        using var client = new HttpClient { Timeout = TimeLimit };
        try
        {
            using var answer = await client.GetAsync(url);
            if (!answer.IsSuccessStatusCode)
                throw new StartupException($"{url} answers {(int)answer.StatusCode}.");
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            throw new StartupException($"{url} does not answer.");
        }

        Console.Out.WriteLine("OK");
    }
}
