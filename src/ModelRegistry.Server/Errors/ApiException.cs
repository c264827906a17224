namespace ModelRegistry.Server.Errors;

/// <summary>A failure the client is meant to see. Anything else that escapes is a bug and reads as INTERNAL_ERROR.</summary>
internal sealed class ApiException(ErrorCode code, string message) : Exception(message)
{
    public ErrorCode Code { get; } = code;

    public static ApiException NotFound(string message) => new(ErrorCode.ResourceDoesNotExist, message);

    public static ApiException Invalid(string message) => new(ErrorCode.InvalidParameterValue, message);

    public static ApiException AlreadyExists(string message) => new(ErrorCode.ResourceAlreadyExists, message);

    public static ApiException BadRequest(string message) => new(ErrorCode.BadRequest, message);

    public static ApiException Internal(string message) => new(ErrorCode.InternalError, message);

    /// <summary>The wire layer's answer to an absent, null or empty required field.</summary>
    public static ApiException Missing(string parameter) =>
        Invalid($"Missing value for required parameter '{parameter}'. See the API docs for more information about request parameters.");

    /// <summary>MLflow's sentence for a value over a length limit; lengths count code points.</summary>
    public static ApiException TooLong(string what, int limit) =>
        Invalid($"'{what}' exceeds the maximum length of {limit} characters");
}
