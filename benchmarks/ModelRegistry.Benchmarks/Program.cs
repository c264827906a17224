using System.CommandLine;
using BenchmarkDotNet.Running;
using ModelRegistry.Benchmarks.Growth;
using ModelRegistry.Benchmarks.Load;

Dapper.DefaultTypeMap.MatchNamesWithUnderscores = true;
var databases = new Option<string[]>("--database") { Description = "sqlite, mariadb or both", DefaultValueFactory = _ => ["sqlite"], AllowMultipleArgumentsPerToken = true };
var cases = new Option<string[]>("--case") { Description = "Names of cases, or the beginnings of names; all when left out", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
var seconds = new Option<int>("--seconds") { Description = "Length of each of the measurements of a case", DefaultValueFactory = _ => 3 };
var rounds = new Option<int>("--rounds") { Description = "How often the servers take turns", DefaultValueFactory = _ => 2 };
var runs = new Option<int[]>("--runs") { Description = "Sizes of the experiments that are searched", DefaultValueFactory = _ => [1_000, 10_000], AllowMultipleArgumentsPerToken = true };
var models = new Option<int>("--models") { Description = "Registered models", DefaultValueFactory = _ => 10_000 };
var megabytes = new Option<int>("--artifact-mib") { Description = "Size of the large artifact", DefaultValueFactory = _ => 1024 };
var output = new Option<string?>("--output") { Description = "Where the table goes: PATH.md and PATH.json" };

var load = new Command("load", "Loads this server, and MLflow's where MLFLOW_PYTHON is set, and prints how they compare.")
{
    databases, cases, seconds, rounds, runs, models, megabytes, output,
};
load.SetAction((parsed, cancellationToken) => new LoadRun(new LoadOptions(
    parsed.GetValue(databases)!, parsed.GetValue(cases)!, parsed.GetValue(seconds), parsed.GetValue(rounds),
    parsed.GetValue(runs)!, parsed.GetValue(models), parsed.GetValue(megabytes), parsed.GetValue(output))).RunAsync(cancellationToken));

var bytes = new Argument<string>("file") { Description = "What every request is answered with" };
var port = new Option<int>("--port");
var bare = new Command("bare", "A Kestrel that answers everything with one file: the limit a server on it can come near to.") { bytes, port };
bare.SetAction((parsed, cancellationToken) => BareServer.RunAsync(parsed.GetValue(bytes)!, parsed.GetValue(port), cancellationToken));

var rows = new Option<int[]>("--rows") { Description = "Sizes of the tables, the smallest first", DefaultValueFactory = _ => [10_000, 1_000_000], AllowMultipleArgumentsPerToken = true };
var growth = new Command("growth", "Measures what a page of each list and search costs in small tables and in large ones.") { databases, cases, seconds, rounds, rows, output };
growth.SetAction((parsed, cancellationToken) => new GrowthRun(new GrowthOptions(
    parsed.GetValue(databases)!, parsed.GetValue(cases)!, parsed.GetValue(seconds), parsed.GetValue(rounds), parsed.GetValue(rows)!, parsed.GetValue(output)))
    .RunAsync(cancellationToken));

var filter = new Argument<string[]>("arguments") { Description = "Arguments of BenchmarkDotNet, such as --filter *Binder*", Arity = ArgumentArity.ZeroOrMore };
var micro = new Command("micro", "Benchmarks of the parts by BenchmarkDotNet.") { filter };
micro.TreatUnmatchedTokensAsErrors = false;
micro.SetAction(parsed => { BenchmarkSwitcher.FromAssembly(typeof(LoadRun).Assembly).Run([.. parsed.GetValue(filter)!, .. parsed.UnmatchedTokens]); });

return await new RootCommand("Benchmarks of ModelRegistry") { load, growth, bare, micro }.Parse(args).InvokeAsync();
