namespace ModelRegistry.Server.Errors;

/// <summary>
/// A wire name and the HTTP status it travels under. The set is closed by the MLflow contract;
/// <see cref="SqlState"/> and <see cref="ErrorClass"/> are sent only where MLflow maps them.
/// </summary>
internal sealed record ErrorCode(string Name, int HttpStatus, string? SqlState = null, string? ErrorClass = null)
{
    public static readonly ErrorCode InternalError = new("INTERNAL_ERROR", 500, "XXM00", "CLIENT_INTERNAL_ERROR");
    public static readonly ErrorCode InvalidState = new("INVALID_STATE", 500, "XXM00", "CLIENT_INTERNAL_ERROR");
    public static readonly ErrorCode FeatureDisabled = new("FEATURE_DISABLED", 500, "KAM00", "FEATURE_DISABLED");
    public static readonly ErrorCode NotImplemented = new("NOT_IMPLEMENTED", 501);
    public static readonly ErrorCode TemporarilyUnavailable = new("TEMPORARILY_UNAVAILABLE", 503, "XXM00", "CLIENT_INTERNAL_ERROR");
    public static readonly ErrorCode ResourceConflict = new("RESOURCE_CONFLICT", 409);
    public static readonly ErrorCode NotFoundCode = new("NOT_FOUND", 404, "KAM00", "RESOURCE_NOT_FOUND");
    public static readonly ErrorCode ResourceDoesNotExist = new("RESOURCE_DOES_NOT_EXIST", 404, "KAM00", "RESOURCE_NOT_FOUND");
    public static readonly ErrorCode PermissionDenied = new("PERMISSION_DENIED", 403, "KAM00", "PERMISSION_DENIED");
    public static readonly ErrorCode BadRequest = new("BAD_REQUEST", 400, "KAM00", "INVALID_PARAMETER_VALUE");
    public static readonly ErrorCode InvalidParameterValue = new("INVALID_PARAMETER_VALUE", 400, "KAM00", "INVALID_PARAMETER_VALUE");
    public static readonly ErrorCode UnknownAttribute = new("INVALID_PARAMETER_VALUE", 400, "KAM04", "ATTRIBUTE_NOT_FOUND");

    /// <summary>400 and not 409: that is what MLflow answers.</summary>
    public static readonly ErrorCode ResourceAlreadyExists = new("RESOURCE_ALREADY_EXISTS", 400, "KAM00", "RESOURCE_ALREADY_EXISTS");
}
