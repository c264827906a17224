using System.Text.Encodings.Web;

namespace ModelRegistry.Server.OpenApi;

/// <summary>The page at <c>/docs</c>: Scalar over the document, with nothing from other hosts.</summary>
internal static class DocsPage
{
    /// <param name="prefix">The static prefix.</param>
    public static string Of(string prefix) =>
        $$"""
        <!doctype html>
        <html lang=en>
        <head>
        <meta charset=utf-8>
        <meta name=viewport content="width=device-width, initial-scale=1">
        <title>ModelRegistry API</title>
        </head>
        <body>
        <div id=app></div>
        <script src="{{HtmlEncoder.Default.Encode(prefix)}}/docs/scalar.js"></script>
        <script>
        // What is off would ask Scalar's own hosts: fonts, telemetry, a proxy for requests, and an assistant.
        Scalar.createApiReference('#app', {
          url: '{{JavaScriptEncoder.Default.Encode(prefix)}}/openapi/v1.json',
          proxyUrl: '',
          withDefaultFonts: false,
          telemetry: false,
          agent: { disabled: true },
          mcp: { disabled: true },
          showDeveloperTools: 'never',
          hideClientButton: true,
        });
        </script>
        </body>
        </html>

        """;
}
