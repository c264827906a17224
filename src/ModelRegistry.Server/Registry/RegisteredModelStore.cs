using System.Data.Common;
using ModelRegistry.Server.Data;
using ModelRegistry.Server.Http;

namespace ModelRegistry.Server.Registry;

/// <summary>Rows of <c>registered_models</c>.</summary>
internal sealed class RegisteredModelStore(Database database, TimeProvider time)
{
    public Task<RegisteredModelRow> CreateAsync(RequestContext context, string name, string? description, CancellationToken cancellationToken) =>
        database.WriteAsync(
            async scope =>
            {
                var now = time.GetUtcNow().ToUnixTimeMilliseconds();
                var row = new RegisteredModelRow { Name = name, CreationTime = now, LastUpdatedTime = now, Description = description };
                try
                {
                    await scope.ExecuteAsync(
                        """
                        INSERT INTO registered_models (name, creation_time, last_updated_time, description, workspace)
                        VALUES (@name, @now, @now, @description, @workspace)
                        """,
                        new { name, now, description, workspace = context.Workspace });
                }
                catch (DbException e) when (scope.Dialect.IsUniqueViolation(e))
                {
                    throw ApiException.AlreadyExists($"Registered Model (name={name}) already exists.");
                }

                return row;
            },
            cancellationToken);
}

internal sealed record RegisteredModelRow
{
    public required string Name { get; init; }

    public long CreationTime { get; init; }

    public long LastUpdatedTime { get; init; }

    public string? Description { get; init; }
}
