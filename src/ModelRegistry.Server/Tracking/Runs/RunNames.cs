using System.Security.Cryptography;

namespace ModelRegistry.Server.Tracking.Runs;

/// <summary>Names for runs that were not given one: <c>adjective-noun-number</c>.</summary>
internal static class RunNames
{
    private const int MaxNumber = 1000;

    // At most seven letters each, so that a name never exceeds the 20 characters that MLflow's names keep to (7 + 1 + 7 + 1 + 4).
    private static readonly string[] Adjectives =
    [
        "able", "amber", "ample", "apt", "ardent", "astute", "autumn", "azure", "bold", "brave", "breezy", "bright", "brisk", "calm", "candid",
        "careful", "clear", "clever", "cosmic", "cozy", "crisp", "curious", "dapper", "daring", "deft", "dusty", "eager", "early", "earnest",
        "easy", "even", "fair", "fancy", "fleet", "fluent", "fond", "frank", "free", "fresh", "gentle", "giddy", "glad", "golden", "grand",
        "green", "handy", "happy", "hardy", "hasty", "hearty", "honest", "humble", "ivory", "jade", "jolly", "jovial", "keen", "kind", "lively",
        "loyal", "lucid", "lucky", "mellow", "merry", "mild", "modest", "neat", "nimble", "noble", "opal", "patient", "placid", "polite",
        "proud", "quick", "quiet", "rapid", "ready", "robust", "rosy", "rustic", "sage", "serene", "sharp", "silent", "silver", "smart",
        "smooth", "snug", "solar", "solid", "spry", "stable", "steady", "stout", "sunny", "swift", "tidy", "trusty", "upbeat",
        "valiant", "velvet", "vivid", "warm", "wise", "witty", "young", "zesty",
    ];

    private static readonly string[] Nouns =
    [
        "acorn", "alder", "anchor", "aspen", "badger", "basin", "beacon", "beaver", "birch", "bison", "breeze", "brook", "canyon", "cedar",
        "cliff", "clover", "comet", "coral", "cove", "crane", "creek", "dale", "dawn", "delta", "dolphin", "dove", "dune", "eagle", "ember",
        "falcon", "fern", "ferret", "finch", "fjord", "forest", "fox", "garden", "gecko", "glacier", "glade", "grove", "gull", "harbor",
        "hare", "hawk", "hazel", "heron", "hill", "ibis", "iris", "island", "jackal", "jaguar", "juniper", "kestrel", "koala", "lagoon",
        "lake", "larch", "lark", "lemur", "lily", "linden", "lotus", "lynx", "maple", "marsh", "meadow", "mesa", "meteor", "moose", "moss",
        "newt", "oak", "oasis", "orchid", "osprey", "otter", "owl", "panda", "pebble", "pelican", "pine", "plain", "planet", "plover",
        "pond", "poplar", "prairie", "quail", "rabbit", "raven", "reef", "ridge", "river", "robin", "rowan", "salmon", "seal", "shore",
        "sparrow", "spruce", "stone", "stream", "summit", "swan", "tiger", "trout", "tulip", "tundra", "valley", "walrus",
        "willow", "wombat", "wren", "yak", "zebra",
    ];

    public static string Next() =>
        $"{Pick(Adjectives)}-{Pick(Nouns)}-{RandomNumberGenerator.GetInt32(MaxNumber + 1)}";

    private static string Pick(string[] words) => words[RandomNumberGenerator.GetInt32(words.Length)];
}
