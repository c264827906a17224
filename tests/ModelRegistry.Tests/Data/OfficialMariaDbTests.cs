using System.Text;
using System.Text.Json;
using ModelRegistry.Tests.Recordings;
using Xunit;

namespace ModelRegistry.Tests.Data;

/// <summary>A database made by MLflow's own server on MariaDB is served as it is.</summary>
public sealed class OfficialMariaDbTests(OfficialMariaDb official) : IClassFixture<OfficialMariaDb>
{
    [MariaDbFact]
    public async Task Answers_as_the_server_that_made_it()
    {
        foreach (var exchange in OfficialDatabase.Exchanges)
        {
            using var message = new HttpRequestMessage(new HttpMethod(exchange.Method), exchange.Path);
            if (exchange.Body is not null)
                message.Content = new StringContent(exchange.Body, Encoding.UTF8, "application/json");
            using var response = await official.Client.SendAsync(message);
            var text = await response.Content.ReadAsStringAsync();

            var request = $"{exchange.Method} {exchange.Path} {exchange.Body}";
            Assert.True((int)response.StatusCode == exchange.Status, $"{request}: {(int)response.StatusCode} {text}");
            var differences = new JsonMatcher(new Variables()).Match(exchange.Answer, JsonElement.Parse(text));
            Assert.True(differences.Count == 0, $"{request}\n{string.Join('\n', differences)}");
        }
    }

    [MariaDbFact]
    public async Task Opening_it_changes_neither_rows_nor_tables()
    {
        Assert.NotEmpty(official.Before);
        Assert.Equal(official.Before, await official.StateAsync());
    }
}
