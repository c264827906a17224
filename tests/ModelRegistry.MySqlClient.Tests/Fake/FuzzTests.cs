using System.Diagnostics;
using Xunit;
using Xunit.Abstractions;

namespace ModelRegistry.MySqlClient.Tests.Fake;

/// <summary>A recorded conversation, spoilt: whatever the server says, a client gets a MySqlException at worst, and gets it soon.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Cases = 4000;
    private const int Seed = 20260504;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task The_conversation_itself_is_understood_to_its_end() => Assert.Null(await PlayAsync(Conversation.Bytes));

    [Fact]
    public async Task A_conversation_that_stops_at_any_byte_is_a_clean_error()
    {
        for (var length = 0; length < Conversation.Bytes.Length; length++)
        {
            var failure = await PlayAsync(Conversation.Bytes[..length]);
            Assert.True(failure is MySqlException, $"After {length} bytes: {failure?.ToString() ?? "no error"}");
        }
    }

    [Fact]
    public async Task A_mutated_conversation_is_a_clean_error_or_none()
    {
        var random = new Random(Seed);
        var clock = Stopwatch.StartNew();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var failures = 0;
        for (var number = 0; number < Cases; number++)
        {
            var mutated = Mutate(Conversation.Bytes, random);
            var failure = await PlayAsync(mutated);
            Assert.True(failure is null or MySqlException, $"Case {number} of seed {Seed}: {failure}");
            failures += failure is null ? 0 : 1;
        }

        output.WriteLine($"{Cases} cases, {failures} errors, {clock.Elapsed.TotalSeconds:F1} s");
        Assert.InRange(failures, Cases / 4, Cases);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 10_000_000);
    }

    /// <summary>Lets a client hear the bytes, and says what it failed with.</summary>
    private static async Task<Exception?> PlayAsync(byte[] bytes)
    {
        await using var server = new FakeMySqlServer(async client =>
        {
            await client.SendRawAsync(bytes);
            await client.FinishAsync();
        });
        await using var source = new MySqlDataSource($"{server.ConnectionString};Default Command Timeout=5;AllowPublicKeyRetrieval=true");
        return await Record.ExceptionAsync(() => Conversation.FollowAsync(source).WaitAsync(Deadline));
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        var mutated = bytes.ToList();
        for (var round = random.Next(1, 5); round > 0; round--)
        {
            var position = random.Next(mutated.Count);
            switch (random.Next(6))
            {
                case 0:
                    mutated[position] = (byte)random.Next(256);
                    break;
                case 1:
                    mutated[position] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    mutated.Insert(position, (byte)random.Next(256));
                    break;
                case 3:
                    mutated.RemoveAt(position);
                    break;
                case 4:
                    mutated[position] = Interesting[random.Next(Interesting.Length)];
                    break;
                default:
                    mutated.InsertRange(position, mutated.GetRange(position, Math.Min(random.Next(1, 40), mutated.Count - position)));
                    break;
            }
        }

        return [.. mutated];
    }

    private static readonly byte[] Interesting = [0x00, 0x01, 0x7F, 0x80, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF];
}
