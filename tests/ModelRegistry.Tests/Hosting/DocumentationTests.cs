using System.Globalization;
using System.Text;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Hosting;

public sealed class DocumentationTests
{
    [Fact]
    public async Task The_configuration_reference_is_that_of_the_command_line()
    {
        var text = new StringBuilder(
            """
            # Configuration

            `serve` takes the flags and environment variables of `mlflow server`, with their names and meaning, and a few of its own. A flag wins over
            its variable, which wins over the default. There is no configuration file. This page is written by the tests (`UPDATE_DOCS=1`) from the
            definition of the command line.

            """);
        var gc = GcFlags.All.Select(flag => flag with { Section = $"The command `gc`: {flag.Section}" });
        foreach (var section in ServeFlags.All.Concat(gc).GroupBy(flag => flag.Section))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {section.Key}\n\n| Flag | Variable | Default | Meaning |\n|---|---|---|---|\n");
            foreach (var flag in section)
            {
                var names = $"`{flag.Name}{(flag.Value is null ? "" : " " + flag.Value)}`{(flag.Short is null ? "" : $", `{flag.Short}`")}";
                text.Append(CultureInfo.InvariantCulture, $"| {names} | {Code(flag.Env)} | {flag.Default} | {flag.Help} |\n");
            }
        }

        await Repository.AssertGeneratedAsync("docs/configuration.md", text.ToString());
    }

    [Fact]
    public void The_defaults_in_the_reference_are_those_of_the_options()
    {
        var options = new ServerOptions();

        Assert.Equal(options.BackendStoreUri, ServeFlags.BackendStoreUri.Default);
        Assert.Equal(options.ArtifactsDestination, ServeFlags.ArtifactsDestination.Default);
        Assert.Equal(options.Host, ServeFlags.Host.Default);
        Assert.Equal(options.Port.ToString(CultureInfo.InvariantCulture), ServeFlags.Port.Default);
        Assert.Equal((options.MaxRequestBytes >> 20).ToString(CultureInfo.InvariantCulture), ServeFlags.MaxRequestMegabytes.Default);
        Assert.Equal(options.ShutdownTimeout.TotalSeconds.ToString(CultureInfo.InvariantCulture), ServeFlags.ShutdownTimeout.Default);
        Assert.Equal(options.XFrameOptions, ServeFlags.XFrameOptions.Default);
        Assert.Equal(options.Webhooks.Timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture), ServeFlags.WebhookTimeout.Default);
        Assert.Equal(options.Webhooks.MaxRetries.ToString(CultureInfo.InvariantCulture), ServeFlags.WebhookMaxRetries.Default);
        Assert.Equal(options.Webhooks.MaxWorkers.ToString(CultureInfo.InvariantCulture), ServeFlags.WebhookWorkers.Default);
        Assert.Equal(options.Webhooks.AllowedSchemes, [ServeFlags.WebhookAllowedSchemes.Default!]);
        Assert.Equal(options.GcRetention.Text, ServeFlags.GcRetention.Default);
        Assert.StartsWith(options.EffectiveArtifactRoot, ServeFlags.DefaultArtifactRoot.Default, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_link_between_the_documents_leads_somewhere()
    {
        string[] documents = [.. Directory.EnumerateFiles(Repository.Root, "*.md"), .. Directory.EnumerateFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)];
        var broken =
            from document in documents
            from System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(document), @"\]\(([^)#:]+)(?:#[^)]*)?\)")
            let target = Path.Combine(Path.GetDirectoryName(document)!, link.Groups[1].Value)
            where !File.Exists(target) && !Directory.Exists(target)
            select $"{Path.GetFileName(document)} -> {link.Groups[1].Value}";

        Assert.Empty(broken);
    }

    private static string Code(string? name) => name is null ? "" : $"`{name}`";
}
