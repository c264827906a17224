using System.CommandLine;
using System.Globalization;
using ModelRegistry.Server.Errors;

namespace ModelRegistry.Server.Hosting;

/// <summary>What the process was asked to do.</summary>
internal abstract record Invocation
{
    /// <summary>Print something and end.</summary>
    public sealed record Print(string Text) : Invocation;

    /// <summary>Ask the server that runs with these options on this machine whether it is well.</summary>
    public sealed record Probe(ServerOptions Options) : Invocation;

    /// <summary>Queue deliveries of a webhook once more.</summary>
    /// <param name="DeliveryIds">Empty for all that were given up.</param>
    public sealed record Redeliver(ServerOptions Options, string WebhookId, IReadOnlyList<string> DeliveryIds) : Invocation;

    /// <summary>Delete for good what was deleted.</summary>
    /// <param name="Notices">Lines for the operator about flags that do nothing here.</param>
    public sealed record Collect(ServerOptions Options, GcRequest Request, IReadOnlyList<string> Notices) : Invocation;

    /// <summary>Compare the files of model versions with what was recorded of them.</summary>
    public sealed record Verify(ServerOptions Options, VerifyRequest Request) : Invocation;

    /// <summary>Try what the server needs, and end.</summary>
    public sealed record Check(ServerOptions Options) : Invocation;

    /// <param name="Notices">Lines for the operator about flags that do nothing here.</param>
    public sealed record Serve(ServerOptions Options, IReadOnlyList<string> Notices) : Invocation;
}

/// <summary>Reads arguments and environment variables.</summary>
internal static class CommandLine
{
    private static readonly string[] HelpFlags = ["--help", "-?"];

    /// <exception cref="StartupException">The arguments, or variables, cannot be understood.</exception>
    public static Invocation Parse(IReadOnlyList<string> arguments, Func<string, string?> environment)
    {
        var flags = ServeFlags.All.Concat(GcFlags.All).ToDictionary(flag => flag, ToOption);
        var help = new Option<bool>(HelpFlags[0], HelpFlags[1]);
        var version = new Option<bool>("--version");
        var serve = new Command("serve") { Aliases = { "server" }, Options = { help } };
        var health = new Command("health") { Options = { help } };
        var webhook = new Argument<string>("webhook-id");
        var deliveries = new Argument<string[]>("delivery-id") { Arity = ArgumentArity.ZeroOrMore };
        var redeliver = new Command("redeliver") { Options = { help }, Arguments = { webhook, deliveries } };
        var collect = new Command("gc") { Options = { help } };
        var model = new Option<string?>("--model");
        var number = new Option<long?>("--version");
        var deep = new Option<bool>("--deep");
        var verify = new Command("verify") { Options = { help, model, number, deep } };
        foreach (var option in ServeFlags.All.Select(flag => flags[flag]))
        {
            serve.Options.Add(option);
            health.Options.Add(option);
            redeliver.Options.Add(option);
            collect.Options.Add(option);
            verify.Options.Add(option);
        }

        foreach (var flag in GcFlags.All)
            collect.Options.Add(flags[flag]);

        var root = new RootCommand();
        root.Options.Clear();
        root.Options.Add(help);
        root.Options.Add(version);
        root.Subcommands.Add(serve);
        root.Subcommands.Add(health);
        root.Subcommands.Add(redeliver);
        root.Subcommands.Add(collect);
        root.Subcommands.Add(verify);
        root.SetAction(_ => { }); // Else the parser reports a missing command in front of what is really wrong.

        var result = root.Parse(JoinForwardedOptions(arguments), new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (arguments.Count == 0 || result.GetValue(help))
            return new Invocation.Print(HelpOf(result.CommandResult.Command, serve, collect));
        if (result.Errors.Count > 0)
            throw new StartupException($"{result.Errors[0].Message.TrimEnd('.')}. See '{(result.CommandResult.Command == collect ? "gc" : "serve")} --help'.");
        if (result.GetValue(version))
            return new Invocation.Print(ProductInfo.Describe());
        var values = new FlagValues(flag => Given(result, flags[flag]), environment);
        return result.CommandResult.Command switch
        {
            var command when command == serve && Given(result, flags[ServeFlags.Check]) is not null => new Invocation.Check(values.ToOptions()),
            var command when command == serve => new Invocation.Serve(values.ToOptions(), values.Notices()),
            var command when command == health => new Invocation.Probe(values.ToOptions()),
            var command when command == verify => new Invocation.Verify(
                values.ToOptions(), new VerifyRequest(result.GetValue(model), result.GetValue(number), result.GetValue(deep))),
            var command when command == redeliver =>
                new Invocation.Redeliver(values.ToOptions(), result.GetRequiredValue(webhook), result.GetValue(deliveries) ?? []),
            var command when command == collect => new Invocation.Collect(values.ToGcOptions(), values.ToGcRequest(), values.Notices()),
            _ => new Invocation.Print(HelpText.Overview()),
        };
    }

    private static string HelpOf(Command command, Command serve, Command collect) =>
        command == serve ? HelpText.Serve() : command == collect ? HelpText.Gc() : HelpText.Overview();

    private static Option ToOption(Flag flag)
    {
        string[] aliases = flag.Short is null ? [] : [flag.Short];
        return flag.Value is null ? new Option<bool>(flag.Name, aliases) : new Option<string?>(flag.Name, aliases);
    }

    private static string? Given(ParseResult result, Option option) => option switch
    {
        Option<bool> toggle => result.GetValue(toggle) ? "true" : null,
        Option<string?> value => result.GetValue(value),
        _ => null,
    };

    /// <summary>
    /// Options meant for another program look like ours ("--gunicorn-opts '--workers=4'"): tied to their flag they are read as its value.
    /// </summary>
    private static List<string> JoinForwardedOptions(IReadOnlyList<string> arguments)
    {
        var joined = new List<string>(arguments.Count);
        foreach (var argument in arguments)
        {
            if (joined.Count > 0 && joined[^1].EndsWith("-opts", StringComparison.Ordinal))
                joined[^1] += "=" + argument;
            else
                joined.Add(argument);
        }

        return joined;
    }
}

/// <summary>What the product says of itself.</summary>
internal static class ProductInfo
{
    /// <summary>The MLflow version whose contract the server speaks; clients read it from <c>/version</c>.</summary>
    public const string MlflowVersion = "3.11.1";

    public static string Version => typeof(ProductInfo).Assembly.GetName().Version!.ToString(3);

    public static string Describe() => string.Create(CultureInfo.InvariantCulture, $"ModelRegistry {Version}, compatible with MLflow {MlflowVersion}");
}
