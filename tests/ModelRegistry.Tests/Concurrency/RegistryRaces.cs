using ModelRegistry.Server.Errors;
using Xunit;

namespace ModelRegistry.Tests.Concurrency;

/// <summary>What is promised of the registry when many write to it at once.</summary>
internal static class RegistryRaces
{
    public static async Task VersionsAreNumberedOneByOneAsync(Crowd crowd)
    {
        var name = await crowd.At(0).NewModelAsync();

        var answers = await crowd.AtOnceAsync(64, (_, caller) => caller.NewVersionAsync(name));

        Crowd.AssertAllOk(answers);
        var numbers = answers.Select(answer => int.Parse((string)answer.Json["model_version"]!["version"]!, null)).Order();
        Assert.Equal(Enumerable.Range(1, 64), numbers);
        Assert.Equal(Enumerable.Range(1, 64), await crowd.At(1).VersionsAsync(name));
    }

    public static async Task AliasesAndTagsOfOneModelNeverFailAsync(Crowd crowd)
    {
        var name = await crowd.At(0).NewModelAsync(versions: 2);

        var answers = await crowd.AtOnceAsync(48, 3, (number, round, caller) =>
        {
            var version = ((number + round) % 2 + 1).ToString(null, null);
            return (number % 6) switch
            {
                0 => caller.PostAsync("registered-models/alias", new { name, alias = "champion", version }),
                1 => caller.SendAsync(HttpMethod.Delete, "registered-models/alias", new { name, alias = "champion" }),
                2 => caller.PostAsync("model-versions/set-tag", new { name, version, key = "k", value = $"{number}" }),
                3 => caller.SendAsync(HttpMethod.Delete, "model-versions/delete-tag", new { name, version, key = "k" }),
                4 => caller.PostAsync("registered-models/set-tag", new { name, key = "k", value = $"{number}" }),
                _ => caller.SendAsync(HttpMethod.Delete, "registered-models/delete-tag", new { name, key = "k" }),
            };
        });

        Crowd.AssertAllOk(answers);
        Crowd.AssertAllOk([await crowd.At(0).PostAsync("registered-models/alias", new { name, alias = "champion", version = "2" })]);
        var found = await crowd.At(1).SendAsync(HttpMethod.Get, $"registered-models/alias?name={name}&alias=champion");
        Assert.Equal("2", (string?)found.Json["model_version"]!["version"]);
    }

    public static async Task OneOfManyGetsANameAsync(Crowd crowd)
    {
        var name = $"wanted-{Guid.NewGuid():N}";
        foreach (var call in (string[])["registered-models/create", "experiments/create"])
        {
            var answers = await crowd.AtOnceAsync(32, (_, caller) => caller.PostAsync(call, new { name }));

            Assert.Single(answers, answer => answer.Status == 200);
            Assert.Equal(31, answers.Count(answer => (answer.Status, answer.ErrorCode) == (400, "RESOURCE_ALREADY_EXISTS")));
        }
    }

    /// <summary>A version that was acknowledged follows the model to its new name, and no number is given twice or left out.</summary>
    public static async Task ARenameTakesAllVersionsAlongAsync(Crowd crowd)
    {
        var name = await crowd.At(0).NewModelAsync(versions: 3);
        string[] names = [name, $"{name}-renamed"];

        var renames = RenameAsync();
        var answers = await crowd.AtOnceAsync(16, 4, (number, round, caller) => caller.NewVersionAsync(names[(number + round) % 2]));
        await renames;

        AssertOkOrGone(answers);
        var created = answers.Where(answer => answer.Status == 200).Select(answer => int.Parse((string)answer.Json["model_version"]!["version"]!, null));
        Assert.Equal(Enumerable.Range(4, created.Count()), created.Order());
        Assert.Equal(Enumerable.Range(1, created.Count() + 3), await crowd.At(1).VersionsAsync(name));

        async Task RenameAsync()
        {
            for (var round = 0; round < 10; round++)
            {
                Crowd.AssertAllOk(
                    [await crowd.At(round).PostAsync("registered-models/rename", new { name = names[round % 2], new_name = names[(round + 1) % 2] })]);
            }
        }
    }

    public static async Task ADeletedModelIsThereOrGoneAsync(Crowd crowd)
    {
        var name = await crowd.At(0).NewModelAsync(versions: 2);

        var deletions = DeleteAsync();
        var answers = await crowd.AtOnceAsync(24, 6, (number, round, caller) => CallAsync(caller, number + round, name));
        await deletions;

        AssertOkOrGone(answers);

        async Task DeleteAsync()
        {
            for (var round = 0; round < 10; round++)
            {
                Crowd.AssertAllOk([await crowd.At(round).SendAsync(HttpMethod.Delete, "registered-models/delete", new { name })]);
                Crowd.AssertAllOk([await crowd.At(round + 1).PostAsync("registered-models/create", new { name })]);
            }
        }
    }

    private static Task<Answer> CallAsync(Caller caller, int which, string name) => (which % 10) switch
    {
        0 or 1 => caller.NewVersionAsync(name),
        2 => caller.PostAsync("registered-models/set-tag", new { name, key = "k", value = "v" }),
        3 => caller.PostAsync("model-versions/set-tag", new { name, version = "1", key = "k", value = "v" }),
        4 => caller.PostAsync("registered-models/alias", new { name, alias = "a", version = "1" }),
        5 => caller.PostAsync("model-versions/transition-stage", new { name, version = "1", stage = "Production", archive_existing_versions = true }),
        6 => caller.SendAsync(HttpMethod.Delete, "model-versions/delete", new { name, version = "2" }),
        7 => caller.SendAsync(HttpMethod.Patch, "registered-models/update", new { name, description = "d" }),
        8 => caller.SendAsync(HttpMethod.Get, $"registered-models/get?name={name}"),
        _ => caller.SendAsync(HttpMethod.Patch, "model-versions/update", new { name, version = "1", description = "d" }),
    };

    private static void AssertOkOrGone(IEnumerable<Answer> answers) => Assert.All(
        answers, answer => Assert.True(answer.Status == 200 || (answer.Status, answer.ErrorCode) == (404, "RESOURCE_DOES_NOT_EXIST"), answer.Text));
}
