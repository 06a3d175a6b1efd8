using EmailIngestion.Integration.Tests.Processing;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests an outage of the dependency with so little mail that the circuit never opens.</summary>
public sealed class QuietOutageTests(TestServers servers)
{
    private static readonly (string Name, string Value)[] Settings =
    [
        ("Consumer:MaxDeliveries", "2"), ("Consumer:Lease", "00:00:03"), ("Consumer:LeaseRenewal", "00:00:00.300"),
        ("Processing:Retries", "0"),
        ("Processing:BreakerMinimumThroughput", "10000"),
    ];

    [Theory]
    [InlineData("500", 1)]
    [InlineData("500", 3)]
    [InlineData("503", 3)]
    [InlineData("404", 3)]
    [InlineData("hangs up", 3)]
    [InlineData("says nothing", 3)]
    public async Task Emails_wait_during_a_quiet_outage_and_none_is_dead_lettered(string outage, int count)
    {
        await using var partition = await servers.PartitionWithMailAsync(5);
        await using var receiver = await Receiver.StartAsync();
        var settings = partition.Settings();
        foreach (var (name, value) in Settings)
            settings[name] = value;
        settings["Polling:Enabled"] = "false";
        settings["Processing:Processor"] = "webhook";
        settings["Webhook:Url"] = receiver.Url;
        settings["Webhook:Secret"] = "0123456789abcdef01234567";
        settings["Webhook:Timeout"] = "00:00:00.500";
        await partition.StartHostAsync(settings);
        await partition.DrainedAsync();

        receiver.Answer = (context, number) => FailAsync(outage, context, number);
        var before = receiver.Requests.Count;
        await Mails.AppendAsync(partition.Partition.Stream, 5 + count);
        await Eventually.TrueAsync(
            () => receiver.Requests.Count >= before + (4 * count), "each has failed more often than it has deliveries");
        Assert.Empty(await partition.DeadLettersAsync());

        receiver.Answer = Receiver.Status(200);
        await partition.DrainedAsync();
        Assert.Equal(5 + count, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
        Assert.Empty(await partition.DeadLettersAsync());
        Assert.False(await partition.Database.KeyExistsAsync(partition.Keys.Postponed));
    }

    [Fact]
    public async Task An_email_that_fails_while_others_are_processed_is_dead_lettered()
    {
        await using var partition = await servers.PartitionWithMailAsync(20);
        var script = new ProcessorScript(
            (message, _) => message.Uid == 1 ? throw new TransientFailureException("Not this one.") : Task.CompletedTask);

        await partition.StartConsumerAsync(script, Settings);
        var deadLetter = await partition.OnlyDeadLetterAsync();
        await partition.DrainedAsync();

        Assert.Equal(
            (1u, DeadLetterReasons.MaxDeliveries, "Not this one.", 2),
            (deadLetter.Uid, deadLetter.Reason, deadLetter.ErrorMessage, deadLetter.DeliveryCount));
        Assert.Equal(Mails.UidRange(2, 20), script.Completed);
    }

    [Fact]
    public async Task An_email_that_fails_for_a_day_without_other_work_is_dead_lettered()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var entry = (await partition.Database.StreamRangeAsync(partition.Keys.Stream))[0].Id;
        var first = TimeProvider.System.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds();
        await partition.Database.HashSetAsync(partition.Keys.Postponed, entry, $"{first} {first}");
        var script = new ProcessorScript((_, _) => throw new IOException("The disk is full."));

        await partition.StartConsumerAsync(script, Settings);
        var deadLetter = await partition.OnlyDeadLetterAsync();

        Assert.Equal(
            (DeadLetterReasons.MaxDeliveries, "The disk is full.", 2), (deadLetter.Reason, deadLetter.ErrorMessage, script.Runs.Length));
    }

    [Fact]
    public async Task A_run_that_continues_after_its_timeout_counts_at_once()
    {
        await using var partition = await servers.PartitionWithMailAsync(1);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var script = new ProcessorScript((_, _) => gate.Task);

        await partition.StartConsumerAsync(script, [.. Settings, ("Processing:AttemptTimeout", "00:00:00.200")]);
        await partition.OnlyDeadLetterAsync();

        Assert.Equal(2, script.Runs.Length);
        gate.SetResult();
    }

    private static async Task FailAsync(string outage, HttpContext context, int number)
    {
        if (outage == "hangs up")
            context.Abort();
        else if (outage == "says nothing")
            await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, context.RequestAborted);
        else
            await Receiver.Status(int.Parse(outage, System.Globalization.CultureInfo.InvariantCulture))(context, number);
    }
}
