using ModelRegistry.Server;
using ModelRegistry.Server.Errors;
using ModelRegistry.Server.GarbageCollection;
using ModelRegistry.Server.Hosting;
using ModelRegistry.Server.Webhooks;

const int NotWell = 1;
const int Refused = 2;

try
{
    switch (CommandLine.Parse(args, Environment.GetEnvironmentVariable))
    {
        case Invocation.Print print:
            Console.Out.WriteLine(print.Text);
            break;
        case Invocation.Probe probe:
            await HealthProbe.RunAsync(probe.Options);
            break;
        case Invocation.Redeliver redeliver:
            Console.Out.WriteLine(await Redelivery.RunAsync(redeliver.Options, redeliver.WebhookId, redeliver.DeliveryIds));
            break;
        case Invocation.Collect collect:
            foreach (var notice in collect.Notices)
                Console.Error.WriteLine(notice);
            return await GcCommand.RunAsync(collect.Options, collect.Request);
        case Invocation.Verify verify:
            return await VerifyCommand.RunAsync(verify.Options, verify.Request, Console.Out, CancellationToken.None) ? 0 : NotWell;
        case Invocation.Check check:
            return await ServerCheck.RunAsync(check.Options, Console.Out, CancellationToken.None) ? 0 : NotWell;
        case Invocation.Serve serve:
            await ServeAsync(serve);
            break;
    }

    return 0;
}
catch (StartupException e)
{
    Console.Error.WriteLine($"error: {e.Message}");
    return Refused;
}

static async Task ServeAsync(Invocation.Serve serve)
{
    foreach (var notice in serve.Notices)
        Console.Error.WriteLine(notice);
    var options = serve.Options with { UiDir = serve.Options.UiDir ?? UiFolder.FindInstalled(Environment.GetEnvironmentVariable) };
    await using var app = await ServerApp.BuildAsync(options);
    var address = await Listener.StartAsync(app, options, CancellationToken.None);
    Console.Out.WriteLine(StartupReport.Describe(options, address));
    await app.WaitForShutdownAsync();
}
