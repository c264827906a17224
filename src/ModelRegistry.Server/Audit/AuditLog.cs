using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Audit;

/// <summary>Makes the rows that a change leaves behind. They are inserted in the transaction of the change: either all are there or none.</summary>
internal static class AuditLog
{
    /// <summary>The newest row of <c>@chain</c>, a <see cref="ChainHead"/>; to be read under the lock of what the chain is about.</summary>
    public const string Head = "SELECT position, hash FROM mr_audit WHERE chain = @chain ORDER BY position DESC LIMIT 1";

    // The text of a prompt may have 100,000 characters. The log proves what it was; the history has it in full.
    private const int MaxValue = 1000;
    private const int MaxPrincipal = 256;

    private static readonly string[] HistoryColumns =
        ["workspace", "resource_kind", "resource", "field", "old_value", "new_value", "time_ms", "principal", "chain", "position"];

    /// <param name="head">null for the first row of the chain.</param>
    public static AuditEntry Next(ChainHead? head, Caller caller, Change change, IReadOnlyList<Fact> facts, long now)
    {
        var entry = new AuditEntry
        {
            Chain = change.ChainIn(caller.Workspace),
            Position = (head?.Position ?? 0) + 1,
            TimeMs = now,
            Workspace = caller.Workspace.Name,
            Principal = caller.Principal.Length > MaxPrincipal ? caller.Principal[..MaxPrincipal] : caller.Principal,
            RequestId = caller.RequestId,
            Address = caller.Address,
            Client = caller.Client,
            Action = change.Action,
            ResourceKind = change.Kind,
            Resource = change.Resource,
            BeforeJson = Json(facts, fact => fact.Old),
            AfterJson = Json(facts, fact => fact.New),
            PreviousHash = head?.Hash ?? AuditEntry.NoHash,
        };
        return entry with { Hash = entry.ComputeHash() };
    }

    /// <summary>One row of <c>mr_history</c> per fact.</summary>
    public static Insertion History(AuditEntry entry, IReadOnlyList<Fact> facts) => new(
        "mr_history",
        HistoryColumns,
        [
            .. facts.Select(fact => new object?[]
            {
                entry.Workspace, entry.ResourceKind, fact.Resource ?? entry.Resource, fact.Field, fact.Old, fact.New, entry.TimeMs, entry.Principal,
                entry.Chain, entry.Position,
            }),
        ]);

    private static string? Json(IReadOnlyList<Fact> facts, Func<Fact, string?> valueOf)
    {
        if (facts.Count == 0)
            return null;
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var fact in facts)
            {
                writer.WritePropertyName(fact.Resource is null ? fact.Field : $"{fact.Resource} {fact.Field}");
                if (valueOf(fact) is { Length: > MaxValue } text)
                    WriteDigest(writer, text);
                else
                    writer.WriteStringValue(valueOf(fact));
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteDigest(Utf8JsonWriter writer, string text)
    {
        writer.WriteStartObject();
        writer.WriteNumber("length", text.Length);
        writer.WriteString("sha256", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
        writer.WriteEndObject();
    }
}
