using System.Diagnostics;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams.Dlq;
using Xunit;

namespace EmailIngestion.Integration.Tests.Operations;

/// <summary>Lists by fingerprint and groups do not take longer with more dead letters of other fingerprints.</summary>
public sealed class DeadLetterScaleTests(TestServers servers)
{
    private const int Few = 1_000;
    private const int Many = 20_000;
    private const int Groups = 10;

    // With a scan, twenty times as many take twenty times as long.
    private const int MostTimes = 6;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Twenty_thousand_are_listed_and_grouped_about_as_fast_as_a_thousand()
    {
        await using var few = await FilledAsync(Few);
        await using var many = await FilledAsync(Many);
        var filter = new DeadLetterFilter { Fingerprint = "f3" };

        await AssertAlikeAsync(
            few, many, partition => partition.Partition.DeadLetters.Search.PageAsync(filter, 50, null, newest: false, Cancel));
        await AssertAlikeAsync(
            few, many, partition => partition.Partition.DeadLetters.Search.PageAsync(filter, 50, null, newest: true, Cancel));
        await AssertAlikeAsync(
            few, many, partition => partition.Partition.DeadLetters.Search.PageAsync(DeadLetterFilter.All, 50, null, newest: true, Cancel));
        await AssertAlikeAsync(few, many, partition => partition.Partition.Groups.PageAsync(50, null, null, Cancel));
    }

    // The fastest of several, in turn, so that a busy machine slows both.
    private static async Task AssertAlikeAsync(TestPartition few, TestPartition many, Func<TestPartition, Task> work)
    {
        await work(few);
        var (least, most) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var attempt = 0; attempt < 100 && (attempt < 10 || most > least * MostTimes); attempt++)
        {
            least = Min(least, await TimeAsync(() => work(few)));
            most = Min(most, await TimeAsync(() => work(many)));
        }

        Assert.True(most <= least * MostTimes, $"{most.TotalMilliseconds} ms of {Many}, {least.TotalMilliseconds} ms of {Few}");
    }

    private async Task<TestPartition> FilledAsync(int count)
    {
        var partition = new TestPartition(servers);
        foreach (var part in Enumerable.Range(1, count).Chunk(1_000))
        {
            await Task.WhenAll(part.Select(i => partition.Database.StreamAddAsync(
                partition.Keys.DeadLetters,
                [new("fingerprint", $"f{i % Groups}"), new("mailbox", $"m{i % 3}"), new("subject", "Hello"), new("raw", "x")],
                $"{i}-0")));
        }

        var index = new DeadLetterIndex(partition.Keys, partition.Connection);
        await index.RepairAsync(Cancel);
        Assert.True(await index.IsWholeAsync(Cancel));
        return partition;
    }

    private static async Task<TimeSpan> TimeAsync(Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(started);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
