using System.Globalization;
using ModelRegistry.GcsServer;

// By hand: dotnet run --project tests/ModelRegistry.GcsServer -- PORT BUCKET KEYFILE
if (args is not [var port, var bucket, var keyFile])
{
    Console.Error.WriteLine("Usage: ModelRegistry.GcsServer PORT BUCKET KEYFILE (which is written; point GOOGLE_APPLICATION_CREDENTIALS at it)");
    return 2;
}

await using var server = await GcsServer.StartAsync(int.Parse(port, CultureInfo.InvariantCulture));
server.AddBucket(bucket);
await File.WriteAllTextAsync(keyFile, server.Accounts.KeyFile());
Console.WriteLine($"Google Cloud Storage at {server.Url}, bucket {bucket}. Set MODELREGISTRY_GCS_ENDPOINT={server.Url}");
var end = new TaskCompletionSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    end.TrySetResult();
};
await end.Task;
return 0;
