using Xunit;

namespace ModelRegistry.Tests.Registry;

public sealed class RegisteredModelTests(ServerFixture server) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task A_name_can_be_taken_once()
    {
        var first = await server.PostAsync("registered-models/create", new { name = "fraud" });
        var second = await server.PostAsync("registered-models/create", new { name = "fraud" });

        Assert.Equal(200, first.Status);
        Assert.Equal("RESOURCE_ALREADY_EXISTS", second.ErrorCode);
        Assert.Equal("Registered Model (name=fraud) already exists.", second.Message);
    }
}
