using ModelRegistry.Server;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.Hosting;
using Xunit;

namespace ModelRegistry.Tests.Hosting;

public sealed class CommandLineTests
{
    [Fact]
    public void Without_flags_everything_is_in_the_current_folder_and_local()
    {
        var options = Serve("serve").Options;

        var expected = new ServerOptions { CorsAllowedOrigins = options.CorsAllowedOrigins, Webhooks = new WebhookOptions { Deliver = true } };
        Assert.Equal(expected, options);
        Assert.Equal(("sqlite:///mlflow.db", "./mlartifacts", "127.0.0.1", 5000), (options.BackendStoreUri, options.ArtifactsDestination, options.Host, options.Port));
        Assert.Equal("mlflow-artifacts:/", options.EffectiveArtifactRoot);
    }

    [Fact]
    public void Webhooks_follow_the_variables_of_mlflow()
    {
        var environment = new Dictionary<string, string>
        {
            ["MLFLOW_WEBHOOK_ALLOWED_SCHEMES"] = "https, http", ["MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS"] = "true", ["MLFLOW_WEBHOOK_REQUEST_TIMEOUT"] = "5",
            ["MLFLOW_WEBHOOK_REQUEST_MAX_RETRIES"] = "0", ["MLFLOW_WEBHOOK_DELIVERY_MAX_WORKERS"] = "2", ["MLFLOW_WEBHOOK_SECRET_ENCRYPTION_KEY"] = "key",
        };

        var webhooks = Serve("serve --no-webhook-delivery", environment).Options.Webhooks;

        Assert.Equal(["https", "http"], webhooks.AllowedSchemes);
        Assert.Equal(
            (false, true, TimeSpan.FromSeconds(5), 0, 2, "key"),
            (webhooks.Deliver, webhooks.AllowPrivateAddresses, webhooks.Timeout, webhooks.MaxRetries, webhooks.MaxWorkers, webhooks.SecretEncryptionKey));
    }

    [Fact]
    public void Limits_and_the_authority_of_the_database_follow_the_variables_of_mlflow()
    {
        var environment = new Dictionary<string, string>
        {
            ["MLFLOW_TRUNCATE_LONG_VALUES"] = "false", ["MLFLOW_ARTIFACT_LOCATION_MAX_LENGTH"] = "99", ["MLFLOW_MYSQL_SSL_CA"] = "/ca.pem",
        };

        var options = Serve("serve", environment).Options;

        Assert.Equal((false, 99, "/ca.pem"), (options.TruncateLongValues, options.MaxArtifactLocation, options.MySqlSslCa));
        Assert.True(Serve("serve --truncate-long-values yes", environment).Options.TruncateLongValues);
    }

    [Fact]
    public void A_flag_wins_over_its_variable_which_wins_over_the_default()
    {
        var environment = new Dictionary<string, string> { ["MLFLOW_PORT"] = "7000", ["MLFLOW_HOST"] = "0.0.0.0", ["MLFLOW_STATIC_PREFIX"] = "" };

        var options = Serve("serve -p 8000", environment).Options;

        Assert.Equal(8000, options.Port);
        Assert.Equal("0.0.0.0", options.Host);
        Assert.Equal("", options.StaticPrefix);
    }

    [Theory]
    [InlineData("serve", "true", true)]
    [InlineData("serve", "0", false)]
    [InlineData("serve", "No", false)]
    [InlineData("serve --serve-artifacts", "false", true)]
    [InlineData("serve --no-serve-artifacts", "true", false)]
    public void Artifacts_are_served_unless_the_flag_or_the_variable_says_no(string arguments, string variable, bool expected) =>
        Assert.Equal(expected, Serve(arguments, new Dictionary<string, string> { ["MLFLOW_SERVE_ARTIFACTS"] = variable }).Options.ServeArtifacts);

    [Fact]
    public void Every_flag_that_takes_a_value_reaches_the_options()
    {
        var options = Serve(
            "server --backend-store-uri sqlite:///a.db --registry-store-uri sqlite:///b.db --default-artifact-root s3://x --artifacts-destination /c "
            + "--artifacts-only --host ::1 --port 0 --static-prefix /m/n --allowed-hosts a,b.* --cors-allowed-origins https://x.y --x-frame-options deny "
            + "--disable-security-middleware --allow-unknown-schema --max-request-mb 2 --shutdown-timeout 5 --log-level info").Options;

        Assert.Equal("sqlite:///a.db", options.BackendStoreUri);
        Assert.Equal("sqlite:///b.db", options.RegistryStoreUri);
        Assert.Equal("s3://x", options.EffectiveArtifactRoot);
        Assert.Equal("/c", options.ArtifactsDestination);
        Assert.True(options.ArtifactsOnly && options.DisableSecurityMiddleware && options.AllowUnknownSchema);
        Assert.Equal(("::1", 0, "/m/n", "DENY"), (options.Host, options.Port, options.StaticPrefix, options.XFrameOptions));
        Assert.Equal(["a", "b.*"], options.AllowedHosts!);
        Assert.Equal(["https://x.y"], options.CorsAllowedOrigins);
        Assert.Equal(2 << 20, options.MaxRequestBytes);
        Assert.Equal(TimeSpan.FromSeconds(5), options.ShutdownTimeout);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Information, options.LogLevel);
    }

    [Fact]
    public void Options_of_process_managers_are_accepted_with_a_notice_each()
    {
        var serve = (Invocation.Serve)CommandLine.Parse(
            ["serve", "-w", "4", "--gunicorn-opts", "--workers=2 --timeout 60", "--uvicorn-opts=--reload", "--dev", "-p", "1"], _ => null);

        Assert.Equal(1, serve.Options.Port);
        Assert.Equal(["--workers", "--gunicorn-opts", "--uvicorn-opts", "--dev"], serve.Notices.Select(notice => notice.Split(' ')[0]));
    }

    [Theory]
    [InlineData("serve --bad", "--bad")]
    [InlineData("serve stray", "stray")]
    [InlineData("frobnicate", "frobnicate")]
    [InlineData("--port 5", "--port")]
    [InlineData("serve --port", "--port")]
    [InlineData("serve --port many", "'many'")]
    [InlineData("serve --port 65536", "65535")]
    [InlineData("serve --static-prefix mlflow", "begin with '/'")]
    [InlineData("serve --static-prefix /mlflow/", "begin with '/'")]
    [InlineData("serve --static-prefix /{x}", "begin with '/'")]
    [InlineData("serve --x-frame-options MAYBE", "SAMEORIGIN")]
    [InlineData("serve --app-name basic-auth", "no authentication")]
    [InlineData("serve --enable-workspaces --disable-workspaces", "exclude each other")]
    [InlineData("serve --serve-artifacts --no-serve-artifacts", "exclude each other")]
    [InlineData("serve --max-request-mb 0", "from 1 to")]
    [InlineData("serve --log-level LOUD", "WARNING")]
    public void A_bad_flag_is_refused_in_one_sentence_that_names_it(string arguments, string part)
    {
        var refusal = Assert.Throws<StartupException>(() => CommandLine.Parse(arguments.Split(' '), _ => null));

        Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void A_bad_variable_is_named_in_the_refusal()
    {
        var refusal = Assert.Throws<StartupException>(() => CommandLine.Parse(["serve"], name => name == "MLFLOW_PORT" ? "x" : null));

        Assert.StartsWith("MLFLOW_PORT must be a number", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Usage:")]
    [InlineData("--help", "Usage:")]
    [InlineData("serve --help", "--backend-store-uri URI")]
    [InlineData("serve -?", "--port, -p PORT")]
    [InlineData("--version", "compatible with MLflow 3.")]
    public void Help_and_version_are_printed(string arguments, string part)
    {
        var print = Assert.IsType<Invocation.Print>(CommandLine.Parse(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), _ => null));

        Assert.Contains(part, print.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_help_names_every_flag_and_variable_and_fits_a_terminal()
    {
        var help = HelpText.Serve();

        Assert.All(ServeFlags.All, flag => Assert.Contains(flag.Name, help, StringComparison.Ordinal));
        Assert.All(ServeFlags.All, flag => Assert.Contains(flag.Env ?? "", help, StringComparison.Ordinal));
        Assert.All(help.Split('\n'), line => Assert.InRange(line.Length, 0, 100));
    }

    private static Invocation.Serve Serve(string arguments, Dictionary<string, string>? environment = null) =>
        (Invocation.Serve)CommandLine.Parse(arguments.Split(' '), name => environment?.GetValueOrDefault(name));
}
