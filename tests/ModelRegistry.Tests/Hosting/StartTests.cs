using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace ModelRegistry.Tests.Hosting;

/// <summary>The process as the operator sees it when it cannot, or should not, start.</summary>
[Trait("Database", "SQLite")]
public sealed class StartTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("modelregistry-test-");

    [Theory]
    [InlineData("serve --nonsense", "Unrecognized command or argument '--nonsense'. See 'serve --help'.")]
    [InlineData("serve --backend-store-uri mongodb://u:secret@h/x", "The backend store 'mongodb://u:***@h/x' is not supported. Use sqlite:///FILE, for instance sqlite:///mlflow.db, or mysql://USER:PASSWORD@HOST/DATABASE.")]
    [InlineData("serve --backend-store-uri mysql://u:secret@h", "The backend store 'mysql://u:***@h' is not a MySQL URI. Write mysql://USER:PASSWORD@HOST:PORT/DATABASE.")]
    [InlineData("serve --backend-store-uri mysql://u@h/d?color=red", "The database option 'color' is not supported. Known are unix_socket, ssl_ca, ssl_verify_cert, ssl_verify_identity, ssl_disabled, ssl_mode, allow_public_key_retrieval, connect_timeout and charset.")]
    [InlineData("serve --backend-store-uri sqlite:///none/x.db", "The folder of the database '{folder}/none/x.db' does not exist.")]
    [InlineData("serve --backend-store-uri sqlite:///text", "The database '{folder}/text' cannot be used: SQLite Error 26: 'file is not a database'.")]
    [InlineData("serve --registry-store-uri sqlite://x", "The backend store 'sqlite://x' is not a SQLite URI. Write sqlite:///relative.db or sqlite:////absolute/path.db.")]
    [InlineData("serve --artifacts-destination ftp://bucket", "The artifacts destination 'ftp://bucket' is not supported. Use a local folder, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or wasbs://CONTAINER@ACCOUNT.blob.core.windows.net/PREFIX.")]
    [InlineData("serve --host nowhere.invalid", "The host 'nowhere.invalid' is not an address of this machine.")]
    [InlineData("serve --host 192.0.2.1", "The server cannot listen on 192.0.2.1:0: Cannot assign requested address.")]
    public async Task What_cannot_start_says_so_in_one_line_with_exit_code_2(string arguments, string message)
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "text"), "not a database");

        var (code, output, error) = await RunAsync([.. arguments.Split(' '), .. (string[])(arguments.Contains("nonsense", StringComparison.Ordinal) ? [] : ["--port", "0"])]);

        Assert.Equal($"error: {message.Replace("{folder}", folder.FullName, StringComparison.Ordinal)}\n", error);
        Assert.Equal("", output);
        Assert.Equal(2, code);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (code, _, error) = await RunAsync(["serve", "--port", $"{port}"]);

        Assert.Equal((2, $"error: Port {port} on 127.0.0.1 is in use. Choose another with --port.\n"), (code, error));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_written_to_is_named()
    {
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "file"), "");

        var (code, _, error) = await RunAsync(["serve", "--port", "0", "--artifacts-destination", "file/artifacts"]);

        Assert.StartsWith($"error: The artifact folder '{folder.FullName}/file/artifacts' cannot be written to: ", error, StringComparison.Ordinal);
        Assert.Equal((2, 1), (code, error.TrimEnd('\n').Split('\n').Length));
    }

    [Fact]
    public async Task Help_goes_to_the_standard_output_with_exit_code_0()
    {
        var (code, output, error) = await RunAsync([]);

        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Usage:", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_start_says_where_everything_is_and_nothing_else()
    {
        await using var server = await ServerProcess.StartAsync();

        Assert.Contains($"  database   {server.DatabasePath}\n", server.Output, StringComparison.Ordinal);
        Assert.Contains($"  artifacts  {server.ArtifactsFolder}\n", server.Output, StringComparison.Ordinal);
        Assert.Contains($"export MLFLOW_TRACKING_URI={server.Url.ToString().TrimEnd('/')}\n", server.Output, StringComparison.Ordinal);
        Assert.Contains(server.Url.ToString().TrimEnd('/'), server.Output.Split('\n'));
        Assert.Equal(7, server.Output.TrimEnd('\n').Split('\n').Length);
    }

    [Fact]
    public async Task The_health_command_asks_the_running_server()
    {
        await using var server = await ServerProcess.StartAsync();
        string[] arguments = ["health", "--port", $"{server.Url.Port}"];

        var running = await RunAsync(arguments);
        await server.StopAsync();
        var stopped = await RunAsync(arguments);

        Assert.Equal((0, "OK\n", ""), running);
        Assert.Equal((2, "", $"error: http://127.0.0.1:{server.Url.Port}/health does not answer.\n"), stopped);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder.FullName,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "ModelRegistry.Server.dll"));
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }

        return (process.ExitCode, await output, await error);
    }
}
