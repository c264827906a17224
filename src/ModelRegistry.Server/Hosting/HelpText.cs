using System.Text;

namespace ModelRegistry.Server.Hosting;

/// <summary>The help, for people.</summary>
internal static class HelpText
{
    private const int Width = 100;
    private const int Indent = 34;

    public static string Overview() =>
        $"""
        {ProductInfo.Describe()}
        A model registry and experiment tracking server for MLflow clients.

        Usage:
          ModelRegistry.Server serve [flags]   run the server ('serve --help' lists the flags)
          ModelRegistry.Server health [flags]  ask the server that runs with these flags whether it is well
          ModelRegistry.Server redeliver WEBHOOK-ID [DELIVERY-ID ...] [flags]
                                               queue deliveries once more; those given up, when none is named
          ModelRegistry.Server gc [flags]      delete for good what was deleted ('gc --help' lists the flags)
          ModelRegistry.Server verify [--model NAME] [--version N] [--deep] [flags]
                                               compare the files of model versions with what was recorded of them
          ModelRegistry.Server --version       print the version
          ModelRegistry.Server --help          print this text

        Without flags 'serve' keeps everything in the current folder and listens on http://127.0.0.1:5000.
        """;

    public static string Serve() => Of(
        """
        Usage: ModelRegistry.Server serve [flags]

        Runs the server. A flag wins over its environment variable, which wins over the default.

        """,
        ServeFlags.All);

    public static string Gc() => Of(
        """
        Usage: ModelRegistry.Server gc [flags]

        Deletes for good the runs, experiments and logged models that were deleted, with their artifacts. What a live model version, run or logged
        model points at is kept. It may be stopped at any moment; the next run goes on. Exit code 1: something could not be deleted.

        Where the data is, is told by the flags and variables of 'serve': --backend-store-uri, --registry-store-uri, --artifacts-destination,
        --default-artifact-root, --no-serve-artifacts.

        """,
        GcFlags.All);

    private static string Of(string head, IReadOnlyList<Flag> flags)
    {
        var text = new StringBuilder(head);
        foreach (var section in flags.GroupBy(flag => flag.Section))
        {
            text.Append('\n').Append(section.Key).Append(":\n");
            foreach (var flag in section)
                AppendFlag(text, flag);
        }

        return text.Append('\n').Append("  --help, -?".PadRight(Indent)).Append("Print this text.").ToString();
    }

    private static void AppendFlag(StringBuilder text, Flag flag)
    {
        var head = $"  {flag.Name}{(flag.Short is null ? "" : ", " + flag.Short)}{(flag.Value is null ? "" : " " + flag.Value)}";
        var lines = Wrap(Body(flag), Width - Indent);
        text.Append(head.Length < Indent ? head.PadRight(Indent) : head + "\n" + new string(' ', Indent));
        text.AppendJoin("\n" + new string(' ', Indent), lines).Append('\n');
    }

    private static string Body(Flag flag)
    {
        string?[] notes = [flag.Default is null ? null : $"default: {flag.Default}", flag.Env];
        var known = notes.Where(note => note is not null).ToList();
        return known.Count == 0 ? flag.Help : $"{flag.Help} [{string.Join("; ", known)}]";
    }

    private static List<string> Wrap(string text, int width)
    {
        var lines = new List<string> { "" };
        foreach (var word in text.Split(' '))
        {
            if (lines[^1].Length + 1 + word.Length > width && lines[^1].Length > 0)
                lines.Add(word);
            else
                lines[^1] = lines[^1].Length == 0 ? word : lines[^1] + " " + word;
        }

        return lines;
    }
}
