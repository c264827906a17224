using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Connections;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Http.Json;

namespace ModelRegistry.Server.Http;

/// <summary>The one place where an exception becomes a status and <c>{"error_code", "message"}</c>.</summary>
internal sealed partial class ApiExceptionHandler(
    RequestDelegate next, IReadOnlyList<Func<Exception, ApiException?>> translators, ILogger<ApiExceptionHandler> logger)
{
    private const string RetryAfterSeconds = "1";

    private static readonly JsonTypeInfo<ErrorBody> ErrorType = new WireJson([HttpJson.Default]).TypeOf<ErrorBody>();

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception exception) when (IsHangUp(context, exception))
        {
            // There is nobody to answer.
            context.Abort();
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, Translate(context, exception));
        }
    }

    /// <summary>Writes the error document; key order is part of the contract.</summary>
    public static Task WriteAsync(HttpContext context, ApiException error)
    {
        PreservedHeaders.ClearOthers(context.Response);
        context.Response.StatusCode = error.Code.HttpStatus;
        context.Response.ContentType = "application/json";
        if (error.Code.HttpStatus == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        var body = new ErrorBody(error.Code.Name, error.Message, error.Code.SqlState, error.Code.ErrorClass);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, ErrorType);
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    private ApiException Translate(HttpContext context, Exception exception)
    {
        if (exception is ApiException known)
            return known;
        if (exception is BadHttpRequestException bad)
            return FromBadRequest(bad);
        foreach (var translator in translators)
        {
            if (translator(exception) is { } translated)
                return translated;
        }

        LogUnexpected(exception, context.Request.Method, context.Request.Path, context.TraceIdentifier);
        return ApiException.Internal("The server encountered an internal error and was unable to complete your request.");
    }

    private static bool IsHangUp(HttpContext context, Exception exception) => exception switch
    {
        ConnectionAbortedException or ConnectionResetException => true,
        OperationCanceledException { InnerException: ConnectionAbortedException or ConnectionResetException } => true,
        OperationCanceledException => context.RequestAborted.IsCancellationRequested,
        _ => false,
    };

    private static ApiException FromBadRequest(BadHttpRequestException exception) =>
        exception.StatusCode == StatusCodes.Status413PayloadTooLarge
            ? new ApiException(ErrorCode.InvalidParameterValue with { HttpStatus = 413 }, "The request body is too large.")
            : ApiException.BadRequest(exception.Message);

    [LoggerMessage(1, LogLevel.Error, "Unexpected failure of {Method} {Path} in request {Request}")]
    private partial void LogUnexpected(Exception exception, string method, PathString path, string request);
}

/// <summary>The error document of every API call.</summary>
internal sealed record ErrorBody(string ErrorCode, string Message, string? Sqlstate, string? ErrorClass);
