using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>A database made by MLflow's own server is served as it is.</summary>
public sealed class OfficialDatabaseTests(OfficialDatabase official) : IClassFixture<OfficialDatabase>
{
    [Fact]
    public void Opening_it_changes_neither_rows_nor_schema()
    {
        Assert.Equal(OfficialDatabase.Schema(OfficialDatabase.OriginalPath), OfficialDatabase.Schema(official.CopyPath));
        Assert.Equal(OfficialDatabase.Rows(OfficialDatabase.OriginalPath), OfficialDatabase.Rows(official.CopyPath));
    }
}
