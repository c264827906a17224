using Spectre.Console;

namespace ModelRegistry.Server.GarbageCollection;

/// <summary>The console of an operator: a line for each thing, and a bar below them when it is a terminal.</summary>
internal sealed class GcConsole : IGcOutput
{
    private readonly ProgressContext? bars;
    private ProgressTask? bar;

    private GcConsole(ProgressContext? bars) => this.bars = bars;

    public bool ShowsProgress => bars is not null;

    /// <summary>Runs <paramref name="work"/> with a console for it.</summary>
    public static Task<T> RunAsync<T>(Func<IGcOutput, Task<T>> work) =>
        Console.IsOutputRedirected
            ? work(new GcConsole(null))
            : AnsiConsole.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(bars => work(new GcConsole(bars)));

    public void Begin(string what, long total)
    {
        bar?.StopTask();
        bar = total > 0 ? bars?.AddTask(Markup.Escape(what), maxValue: total) : null;
    }

    public void Advance(int count) => bar?.Increment(count);

    public void Say(string line) => Write(line, "", Console.Out);

    public void Warn(string line) => Write(line, "yellow", Console.Error);

    private void Write(string line, string style, TextWriter plain)
    {
        if (bars is null)
            plain.WriteLine(line);
        else
            AnsiConsole.Write(new Text(line + "\n", Style.Parse(style)));
    }
}
