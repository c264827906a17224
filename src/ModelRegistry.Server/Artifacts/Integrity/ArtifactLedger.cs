using System.Data.Common;
using ModelRegistry.Server.Data;

namespace ModelRegistry.Server.Artifacts.Integrity;

/// <summary>
/// What was uploaded through the server, in <c>mr_artifacts</c>: written after the file is stored, in a transaction of its own. A crash
/// between the two, or two uploads of one path at the same time, leave a row that says that it does not know (<see cref="LedgerRow.Writer"/>)
/// or no row, but never one that says something wrong.
/// </summary>
internal sealed partial class ArtifactLedger(TrackingDatabase database, TimeProvider time, ILogger<ArtifactLedger> logger)
{
    /// <summary>Has to be said before content may change: what is known of the present content, if anything, is not relied on from now on.</summary>
    public async Task<LedgerMark> BeginAsync(ArtifactAddress address, CancellationToken cancellationToken)
    {
        var mark = new LedgerMark(address, Guid.NewGuid().ToString(), IsNew: false);
        var isKnown = await database.ReadAsync(
            scope => scope.FindAsync<long?>("SELECT 1 FROM mr_artifacts WHERE address_hash = @Hash", address), cancellationToken) is not null;
        if (!isKnown)
            return mark with { IsNew = true };
        await database.Database.WriteAsync(
            scope => scope.ExecuteAsync(
                "UPDATE mr_artifacts SET writer = @Writer WHERE address_hash = @Hash", new { address.Hash, mark.Writer }),
            cancellationToken);
        return mark;
    }

    /// <summary>Writes down what the store now has.</summary>
    /// <param name="sha256">null when the bytes did not pass through the server.</param>
    public async Task CompleteAsync(LedgerMark mark, BlobReceipt receipt, string? sha256, CancellationToken cancellationToken)
    {
        var row = new
        {
            mark.Address.Hash, mark.Address.Text, receipt.Size, receipt.Checksum, sha256, mark.Writer,
            now = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        try
        {
            await database.Database.WriteAsync(scope => mark.IsNew ? InsertAsync(scope, row) : ReplaceAsync(scope, row), cancellationToken);
        }
        catch (DbException e)
        {
            // The file is stored and stays so; without a record its state is unknown.
            LogUnrecorded(e, mark.Address.Text);
        }
    }

    /// <summary>Remembers that a file, or all of a folder, was deleted on purpose: versions that need it are told what became of it.</summary>
    public Task NoteDeletionAsync(ArtifactAddress address, CancellationToken cancellationToken) =>
        ForFileAndFolderAsync("UPDATE mr_artifacts SET deleted_time = @now, writer = NULL", "AND deleted_time IS NULL", address, cancellationToken);

    /// <summary>Drops all rows of a file, or of a folder.</summary>
    public Task ForgetAsync(ArtifactAddress address, CancellationToken cancellationToken) =>
        ForFileAndFolderAsync("DELETE FROM mr_artifacts", "", address, cancellationToken);

    /// <summary>Drops, all or none, the rows of many files or folders.</summary>
    public async Task ForgetAllAsync(IReadOnlyCollection<ArtifactAddress> addresses, CancellationToken cancellationToken)
    {
        if (addresses.Count == 0)
            return;
        await database.Database.WriteAsync(
            async scope =>
            {
                await scope.ExecuteAsync("DELETE FROM mr_artifacts WHERE address_hash IN @hashes", new { hashes = addresses.Select(address => address.Hash) });
                foreach (var address in addresses)
                    await scope.ExecuteAsync("DELETE FROM mr_artifacts WHERE address >= @First AND address < @Last", address);
            },
            cancellationToken);
    }

    /// <summary>Rows of a file or of what is in a folder, by address.</summary>
    /// <param name="folder">The file or the folder.</param>
    /// <param name="after">Address that the first row comes after; empty to begin.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancellationToken">Gives the query up.</param>
    public Task<List<LedgerRow>> ListAsync(ArtifactAddress folder, string after, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.QueryAsync<LedgerRow>(
                $"""
                SELECT {LedgerRow.Columns} FROM mr_artifacts
                WHERE address >= @First AND address < @Last AND address > @after
                ORDER BY address LIMIT @limit
                """,
                new { folder.First, folder.Last, after, limit }),
            cancellationToken);

    /// <summary>Rows of single files; those that have none are left out.</summary>
    public Task<List<LedgerRow>> FindAsync(IEnumerable<ArtifactAddress> files, CancellationToken cancellationToken) =>
        database.ReadAsync(
            scope => scope.QueryAsync<LedgerRow>(
                $"SELECT {LedgerRow.Columns} FROM mr_artifacts WHERE address_hash IN @hashes", new { hashes = files.Select(file => file.Hash).ToList() }),
            cancellationToken);

    private static Task InsertAsync(SqlScope scope, object row) => InsertOrAsync(scope, row, () => NoteMeetingAsync(scope, row));

    /// <param name="otherwise">When the file has a row.</param>
    private static async Task InsertOrAsync(SqlScope scope, object row, Func<Task> otherwise)
    {
        try
        {
            await scope.ExecuteAsync(
                """
                INSERT INTO mr_artifacts (address_hash, address, size, sha256, checksum, recorded_time)
                VALUES (@Hash, @Text, @Size, @sha256, @Checksum, @now)
                """,
                row);
        }
        catch (DbException e) when (scope.Dialect.IsUniqueViolation(e))
        {
            await otherwise();
        }
    }

    private static async Task ReplaceAsync(SqlScope scope, object row)
    {
        var replaced = await scope.ExecuteAsync(
            """
            UPDATE mr_artifacts
            SET size = @Size, sha256 = @sha256, checksum = @Checksum, recorded_time = @now, deleted_time = NULL, writer = NULL,
                state = NULL, state_time = NULL
            WHERE address_hash = @Hash AND writer = @Writer
            """,
            row);
        if (replaced == 0)
            await NoteMeetingAsync(scope, row);
    }

    /// <summary>Uploads of one path met, and which of them the store has kept cannot be told.</summary>
    private static async Task NoteMeetingAsync(SqlScope scope, object row) =>
        await scope.ExecuteAsync("UPDATE mr_artifacts SET writer = 'several' WHERE address_hash = @Hash", row);

    /// <summary>Notes what the verifier found of files that have rows.</summary>
    /// <param name="state">A word of <see cref="FileState"/>.</param>
    public Task NoteStateAsync(IEnumerable<ArtifactAddress> files, string state, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return database.Database.WriteAsync(
            scope => scope.ExecuteInChunksAsync(
                "UPDATE mr_artifacts SET state = @state, state_time = @now WHERE address_hash IN @hashes",
                files.Select(file => file.Hash),
                hashes => new { state, now, hashes }),
            cancellationToken);
    }

    /// <summary>Takes content that the verifier has read for what the file is to be, if nothing was said of it since.</summary>
    /// <param name="seen">The row as it was before the content was read; null when there was none.</param>
    public Task AdoptAsync(ArtifactAddress address, LedgerRow? seen, BlobReceipt content, string sha256, CancellationToken cancellationToken)
    {
        var row = new
        {
            address.Hash, address.Text, content.Size, content.Checksum, sha256, now = time.GetUtcNow().ToUnixTimeMilliseconds(),
            seenTime = seen?.RecordedTime, seenWriter = seen?.Writer ?? "",
        };
        return database.Database.WriteAsync(
            async scope =>
            {
                if (seen is null)
                {
                    await InsertOrAsync(scope, row, () => Task.CompletedTask);
                    return;
                }

                await scope.ExecuteAsync(
                    """
                    UPDATE mr_artifacts
                    SET size = @Size, sha256 = @sha256, checksum = @Checksum, recorded_time = @now, deleted_time = NULL, writer = NULL
                    WHERE address_hash = @Hash AND recorded_time = @seenTime AND COALESCE(writer, '') = @seenWriter
                    """,
                    row);
            },
            cancellationToken);
    }

    private Task ForFileAndFolderAsync(string change, string condition, ArtifactAddress address, CancellationToken cancellationToken)
    {
        var values = new { address.Hash, address.First, address.Last, now = time.GetUtcNow().ToUnixTimeMilliseconds() };
        return database.Database.WriteAsync(
            async scope =>
            {
                await scope.ExecuteAsync($"{change} WHERE address_hash = @Hash {condition}", values);
                await scope.ExecuteAsync($"{change} WHERE address >= @First AND address < @Last {condition}", values);
            },
            cancellationToken);
    }

    [LoggerMessage(50, LogLevel.Warning, "The upload of '{Address}' is stored but could not be recorded; verify with --deep to record it")]
    private partial void LogUnrecorded(Exception exception, string address);
}
