using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Dlq;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Tests that the repair of the groups of dead letters does not keep Redis from its other clients.</summary>
public sealed class CheckGroupsTests(TestServers servers)
{
    private const int Groups = 20;
    private const int Each = 30;
    private const int Most = 100;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_wrong_groups_are_counted_again_in_calls_that_each_read_few_dead_letters()
    {
        await using var partition = new TestPartition(servers);
        await Task.WhenAll(Enumerable.Range(0, Groups * Each).Select(i => partition.Database.StreamAddAsync(
            partition.Keys.DeadLetters,
            [new("fingerprint", $"f{i % Groups}"), new("mailbox", $"m{i % 3}"), new("raw", "x")],
            $"{i + 1}-0")));
        var index = new DeadLetterIndex(partition.Keys, partition.Connection);
        await index.RepairAsync(Cancel);
        for (var group = 0; group < Groups; group++)
            await partition.Database.HashSetAsync(partition.Keys.DeadLetterGroup($"f{group}"), "m0", 7_777);

        var wrong = new List<long>();
        for (long rank = 0; rank >= 0;)
        {
            var reply = await partition.Database.ScriptEvaluateAsync(
                Scripts.CheckGroups, [partition.Keys.DeadLetters], [rank, 200, Most]);
            wrong.Add((long)reply[0]);
            rank = (long)reply[1];
        }

        Assert.Equal(Groups, wrong.Sum());
        Assert.All(wrong, count => Assert.InRange(count, 1, Most / Each));
        Assert.Equal(0, await index.RepairAsync(Cancel));
        var counts = await partition.Database.HashGetAllAsync(partition.Keys.DeadLetterGroup("f0"));
        Assert.Equal(Each, counts.Sum(field => (long)field.Value));
    }
}
