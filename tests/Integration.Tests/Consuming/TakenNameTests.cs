using EmailIngestion.Integration.Tests.Processing;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>
/// Tests two processes with the same configured name. One is paused for longer than the name's lifetime, and the other acquires the name.
/// </summary>
public sealed class TakenNameTests(TestServers servers)
{
    private const int Concurrency = 2;

    [Fact]
    public async Task A_process_that_resumes_without_its_name_writes_nothing_and_ends()
    {
        const int before = 60;
        const int more = 40;
        await using var partition = await servers.PartitionWithMailAsync(before);
        await using var firstReceiver = await SlowReceiverAsync();
        await using var secondReceiver = await SlowReceiverAsync();
        await using var first = CommandProcess.Start(partition, Settings(partition, firstReceiver), "consume", "--consumer", "worker");
        await Eventually.TrueAsync(() => firstReceiver.Requests.Count >= 6, "the first is at work");

        await first.SignalAsync("STOP");
        var sent = Ids(firstReceiver);
        await using var second = CommandProcess.Start(partition, Settings(partition, secondReceiver), "consume", "--consumer", "worker");
        await Eventually.TrueAsync(
            () => secondReceiver.Requests.Count >= 10, "the second has the name and is at work");
        await Mails.AppendAsync(partition.Partition.Stream, before + more);
        await first.SignalAsync("CONT");

        Assert.Equal(1, await first.EndAsync());
        await partition.DrainedAsync();
        Assert.Equal(2, first.Output.Split("Consumer name 'worker' was taken over by another process").Length);
        // Since it resumed it has started nothing, except the requests that it was sending.
        Assert.InRange(firstReceiver.Requests.Count - sent.Length, 0, Concurrency);
        // Only its work in progress may run again.
        string[] all = [.. Ids(firstReceiver), .. Ids(secondReceiver)];
        Assert.Equal(before + more, all.Distinct(StringComparer.Ordinal).Count());
        Assert.InRange(all.Length - (before + more), 0, Concurrency);
        Assert.DoesNotContain(
            all.CountBy(id => id, StringComparer.Ordinal), repeated => repeated.Value > 1 && !sent.Contains(repeated.Key));
        Assert.Empty(await partition.DeadLettersAsync());
        // The second process still owns the name and continues.
        await Mails.AppendAsync(partition.Partition.Stream, before + more + 1);
        await partition.DrainedAsync();
    }

    private static LocalSettings Settings(TestPartition partition, Receiver receiver)
    {
        var settings = partition.Settings();
        settings["Logging:Console:LogLevel:Default"] = "Information";
        settings["Consumer:Concurrency"] = $"{Concurrency}";
        settings["Processing:Processor"] = "webhook";
        settings["Webhook:Url"] = receiver.Url;
        settings["Webhook:Secret"] = "0123456789abcdef0123456789abcdef";
        return settings;
    }

    private static async Task<Receiver> SlowReceiverAsync()
    {
        var receiver = await Receiver.StartAsync();
        receiver.Answer = (context, _) => Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, context.RequestAborted);
        return receiver;
    }

    private static string[] Ids(Receiver receiver) => [.. receiver.Requests.Select(request => request.Headers["Idempotency-Key"])];
}
