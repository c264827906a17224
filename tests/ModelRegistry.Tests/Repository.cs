namespace ModelRegistry.Tests;

/// <summary>The working copy that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>
    /// Asserts that a generated file is up to date. With <c>UPDATE_DOCS=1</c> in the environment the file is written instead.
    /// </summary>
    public static async Task AssertGeneratedAsync(string relative, string text)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            await File.WriteAllTextAsync(PathOf(relative), text);
        var written = File.Exists(PathOf(relative)) ? await File.ReadAllTextAsync(PathOf(relative)) : "";
        Xunit.Assert.True(written == text, $"{relative} is stale. Run the tests once with UPDATE_DOCS=1 in the environment and commit it.");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ModelRegistry.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside their repository.");
        return folder.FullName;
    }
}
