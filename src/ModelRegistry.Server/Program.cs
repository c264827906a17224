using ModelRegistry.Server;
using ModelRegistry.Server.Hosting;

var app = await ServerApp.BuildAsync(new ServerOptions());
await app.RunAsync();
