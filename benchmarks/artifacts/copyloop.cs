#:sdk Microsoft.NET.Sdk.Web

// The least a .NET server can do for a file: PUT copies the body to disk and flushes it, GET copies the file to the client.
using System.Globalization;

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.Limits.MaxRequestBodySize = null;
    kestrel.ListenLocalhost(int.Parse(args[0], CultureInfo.InvariantCulture));
});
var app = builder.Build();
app.MapPut("/{name}", async (string name, HttpContext http) =>
{
    await using var file = new FileStream(Path.Combine(args[1], Path.GetFileName(name)), FileMode.Create, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
    await http.Request.Body.CopyToAsync(file, 128 << 10);
    file.Flush(flushToDisk: true);
});
app.MapGet("/{name}", async (string name, HttpContext http) =>
{
    await using var file = new FileStream(Path.Combine(args[1], Path.GetFileName(name)), FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous);
    http.Response.ContentLength = file.Length;
    await file.CopyToAsync(http.Response.Body, 128 << 10);
});
app.Run();
