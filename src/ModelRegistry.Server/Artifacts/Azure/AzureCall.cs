using Azure;

namespace ModelRegistry.Server.Artifacts.Azure;

/// <summary>A call of the library, with its failures in the operator's words.</summary>
/// <param name="Container">Where.</param>
/// <param name="Refusal">Begins the message when Azure says no to this call alone: <c>Azure does not take 'x'</c>.</param>
internal sealed record AzureCall(AzureContainer Container, string Refusal)
{
    public const string Reader = "Storage Blob Data Reader";

    /// <summary>The role that an identity needs for it.</summary>
    public string Role { get; init; } = "Storage Blob Data Contributor";

    /// <summary>What to throw for an answer that means something to this caller; null leaves it to <see cref="Refusal"/>.</summary>
    public Func<RequestFailedException, Exception?> Meaning { get; init; } = _ => null;

    /// <exception cref="StoreException">Azure did not answer, or said that the server is not allowed or not able to do this.</exception>
    public async Task<T> RunAsync<T>(Task<T> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call;
        }
        catch (Exception e) when (AzureErrors.Translate(e, this, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }
}
