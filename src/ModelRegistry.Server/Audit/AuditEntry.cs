using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Audit;

/// <summary>A row of <c>mr_audit</c>. Its hash covers all other columns, the hash of the row before it among them.</summary>
internal sealed record AuditEntry
{
    public const string Columns =
        "chain, position, time_ms, workspace, principal, request_id, address, client, action, resource_kind, resource, before_json, after_json, "
        + "previous_hash, hash";

    /// <summary>In place of the hash before the first row.</summary>
    public static readonly string NoHash = new('0', 64);

    private static readonly string[] ColumnNames = Columns.Split(", ");

    public required string Chain { get; init; }

    /// <summary>1, 2, 3 and so on, without a gap.</summary>
    public long Position { get; init; }

    public long TimeMs { get; init; }

    public required string Workspace { get; init; }

    public required string Principal { get; init; }

    public string? RequestId { get; init; }

    public string? Address { get; init; }

    public string? Client { get; init; }

    public required string Action { get; init; }

    public required string ResourceKind { get; init; }

    public required string Resource { get; init; }

    public string? BeforeJson { get; init; }

    public string? AfterJson { get; init; }

    public required string PreviousHash { get; init; }

    public string Hash { get; init; } = "";

    public Insertion Insertion => new(
        "mr_audit",
        ColumnNames,
        [[
            Chain, Position, TimeMs, Workspace, Principal, RequestId, Address, Client, Action, ResourceKind, Resource, BeforeJson, AfterJson,
            PreviousHash, Hash,
        ]]);

    /// <summary>
    /// SHA-256, in lower-case hexadecimals, over all columns but the hash, in their order. Each is written as its length in bytes of UTF-8, a
    /// colon and those bytes; an absent one as <c>-</c>; so no two rows give the same bytes.
    /// </summary>
    public string ComputeHash()
    {
        var text = new StringBuilder();
        string?[] columns =
        [
            Chain, Text(Position), Text(TimeMs), Workspace, Principal, RequestId, Address, Client, Action, ResourceKind, Resource, BeforeJson,
            AfterJson, PreviousHash,
        ];
        foreach (var column in columns)
        {
            if (column is null)
                text.Append('-');
            else
                text.Append(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(column)}:{column}");
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The newest row of a chain, as far as the next one needs it.</summary>
internal sealed record ChainHead
{
    public long Position { get; init; }

    public required string Hash { get; init; }
}
