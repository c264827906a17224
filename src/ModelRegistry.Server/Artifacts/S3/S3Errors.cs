using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Artifacts.S3;

/// <summary>What a failure of S3 means to the operator.</summary>
internal static class S3Errors
{
    /// <returns>null for exceptions that do not come from S3.</returns>
    public static StoreException? Translate(Exception exception, S3Account account, string bucket, string permission, CancellationToken cancellationToken) =>
        exception switch
        {
            AmazonS3Exception e => OfAnswer(e, bucket, permission),
            AmazonServiceException { InnerException: HttpRequestException or IOException or SocketException } e => Unreachable(account, e),
            AmazonServiceException e => new StoreException($"S3 failed on bucket '{bucket}': {e.Message}", IsTemporary(e.StatusCode), e),
            HttpRequestException or SocketException => Unreachable(account, exception),
            AmazonClientException e => OfClient(e, account),
            OperationCanceledException e when !cancellationToken.IsCancellationRequested => Unreachable(account, e),
            _ => null,
        };

    private static StoreException OfAnswer(AmazonS3Exception e, string bucket, string permission) => e.ErrorCode switch
    {
        "NoSuchBucket" => Wrong($"The S3 bucket '{bucket}' does not exist at this endpoint. Create it, or correct the artifact location.", e),
        "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "InvalidToken" => Wrong(
            $"S3 does not know the credentials ({e.ErrorCode}). Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.", e),
        "ExpiredToken" or "ExpiredTokenException" => Wrong("The credentials for S3 have expired. Renew them, or use a role or a profile that renews itself.", e),
        "RequestTimeTooSkewed" => Wrong("S3 refuses requests because the clock of this machine is wrong.", e),
        "PermanentRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException" => Wrong(
            $"The S3 bucket '{bucket}' is in another region ({e.Message}). Set AWS_DEFAULT_REGION.", e),
        "AccessDenied" or "Forbidden" or "AllAccessDisabled" => Denied(bucket, permission, e),
        "InvalidObjectState" => Wrong($"The object is archived in bucket '{bucket}' and has to be restored before it can be read.", e),
        _ when e.StatusCode == HttpStatusCode.Forbidden => Denied(bucket, permission, e),
        _ when e.InnerException is HttpRequestException or IOException && e.StatusCode == 0 => new StoreException($"The connection to S3 broke: {e.Message}", isTemporary: true, e),
        _ => new StoreException($"S3 failed on bucket '{bucket}' ({(int)e.StatusCode} {e.ErrorCode}): {e.Message}", IsTemporary(e.StatusCode), e),
    };

    private static StoreException Denied(string bucket, string permission, AmazonS3Exception e) =>
        Wrong($"S3 denies access to bucket '{bucket}'. The credentials need {permission} on it.", e);

    private static StoreException OfClient(AmazonClientException e, S3Account account) => e.InnerException is HttpRequestException or IOException or SocketException
        ? Unreachable(account, e)
        : Wrong(
            "There are no credentials for S3. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE, or give the machine or pod a role. "
            + $"({e.Message})", e);

    private static StoreException Unreachable(S3Account account, Exception e) => new(
        $"S3 cannot be reached at {account.Settings.Endpoint ?? "its public address"}: {e.InnerException?.Message ?? e.Message} "
        + "Check the network and MLFLOW_S3_ENDPOINT_URL.", isTemporary: true, e);

    private static StoreException Wrong(string message, Exception e) => new(message, isTemporary: false, e);

    private static bool IsTemporary(HttpStatusCode status) => status is 0 or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;
}
