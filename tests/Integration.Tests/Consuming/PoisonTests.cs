using EmailIngestion.Integration.Tests.Processing;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests an email that kills its process, whatever else the process has in work.</summary>
public sealed class PoisonTests(TestServers servers)
{
    [Fact]
    public async Task An_email_that_kills_its_process_is_dead_lettered_and_the_others_are_not()
    {
        const uint poison = 4;
        await using var partition = await servers.PartitionWithMailAsync(20);
        await using var receiver = await Receiver.StartAsync();
        ConsumerProcess? consumer = null;
        receiver.Answer = async (context, _) =>
        {
            if (context.Request.Headers["webhook-id"] == Mails.Message(poison).Id.ToString())
            {
                // Only when other emails are in work too, if there are any.
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
                consumer!.Kill();
            }
            else
            {
                await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, context.RequestAborted);
            }
        };

        for (var life = 0; life < 10 && (await partition.DeadLettersAsync()).Count == 0; life++)
        {
            using var next = ConsumerProcess.Start(
                partition,
                $"life-{life}",
                ("Processing:Processor", "webhook"), ("Webhook:Secret", "0123456789abcdef01234567"), ("Webhook:Url", receiver.Url),
                ("Webhook:IncludeRaw", "false"),
                ("Consumer:Lease", "00:00:05"), ("Consumer:LeaseRenewal", "00:00:00.300"), ("Consumer:MaxDeliveries", "4"));
            consumer = next;
            await Task.WhenAny(
                next.EndAsync(TestContext.Current.CancellationToken),
                Eventually.TrueAsync(
                    async () => (await partition.DeadLettersAsync()).Count > 0,
                    "the poison message is dead-lettered",
                    TimeSpan.FromMinutes(3)));
            if ((await partition.DeadLettersAsync()).Count > 0)
                await partition.DrainedAsync();
        }

        var deadLetter = Assert.Single(await partition.DeadLettersAsync());
        Assert.Equal((poison, DeadLetterReasons.Abandoned, 5), (deadLetter.Uid, deadLetter.Reason, deadLetter.DeliveryCount));
        // Twice beside other emails, then in exclusive runs.
        Assert.Equal(19, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
        await partition.DrainedAsync();
    }
}
