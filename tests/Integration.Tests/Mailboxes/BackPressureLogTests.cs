using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests that the start and the end of backpressure are logged, with the outstanding work.</summary>
public sealed class BackPressureLogTests(TestServers servers)
{
    private const int Limit = 50;
    private const int Stops = 120;
    private const int Continues = 122;
    private const int CutShort = 203;

    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_stop_and_the_end_of_backpressure_are_one_line_each()
    {
        await using var partition = new TestPartition(servers);
        var log = new LogLines();
        var host = await partition.StartPollerAsync(
            settings =>
            {
                settings["Streams:MaxStreamLength"] = $"{Limit}";
                partition.AddMailbox(settings, "Second", index: 1);
            },
            services => services.AddSingleton<ILoggerProvider>(log).AddSingleton<Func<MailboxOptions, IMailbox>>(_ => _ => Full()));

        for (var poll = 0; poll < 5; poll++)
            Assert.All((await host.PollAllAsync()).Values, result => Assert.Equal(PollEnd.BackPressure, result.End));

        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var deliveries = await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), Cancel);
        var line = Assert.Single(log.Of(Stops));
        Assert.StartsWith(
            $"Polling into {partition.Keys.Stream} stops at the stream limit: "
                + $"lag {Limit}, pending 0, limit {Limit} (Streams:MaxStreamLength). "
                + $"Outstanding entries: {Limit} are not read yet.",
            line,
            StringComparison.Ordinal);
        Assert.Empty(log.Of(Continues));

        // Less than a tenth of free room does not end backpressure; more does.
        await group.SettleAsync(deliveries, Cancel);
        await host.PollAllAsync();
        Assert.Empty(log.Of(Continues));
        await group.SettleAsync(await group.Reader.ReadAsync(30, TimeSpan.FromSeconds(1), Cancel), Cancel);
        await host.PollAllAsync();
        Assert.Single(log.Of(Continues));
        Assert.Equal(2, log.Of(Stops).Count);
        Assert.Empty(log.Of(CutShort));
    }

    [Fact]
    public async Task The_line_counts_the_entries_that_wait_for_a_retry_and_since_when()
    {
        await using var partition = new TestPartition(servers, options => options.MaxStreamLength = 3);
        await partition.EnsureGroupAsync();
        await Streams.Mails.AppendAsync(partition.Partition.Stream, 3);
        await using var group = partition.Partition.Join("one", TimeSpan.FromMinutes(1));
        var deliveries = await group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), Cancel);
        await group.RetryAsync(deliveries[0], Cancel);

        var text = await PendingReport.DescribeAsync(
            partition.Database, partition.Keys, await partition.Partition.Stream.Settled.LoadAsync(Cancel));

        var appended = DateTimeOffset.FromUnixTimeMilliseconds(
            long.Parse(deliveries[0].EntryId.Split('-')[0], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(
            $"1 is not read yet; 1 is with a consumer; 1 waits for its retry, the oldest since {appended:yyyy-MM-dd'T'HH:mm:ss'Z'}", text);
    }


    private static ScriptedMailbox Full() => new ScriptedMailbox().Fill(Streams.Mails.UidRange(1, 200));
}
