using EmailIngestion.Consuming;
using EmailIngestion.Integration.Tests.Processing;
using EmailIngestion.Integration.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests a webhook with a wrong address or secret.</summary>
public sealed class WrongReceiverTests(TestServers servers)
{
    // With the second value the circuit never opens, as with little mail.
    [Theory]
    [InlineData(404, "10")]
    [InlineData(401, "10000")]
    public async Task A_receiver_that_refuses_everything_causes_no_dead_letters(int status, string minimumThroughput)
    {
        await using var partition = await servers.PartitionWithMailAsync(30);
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = Receiver.Status(status);
        var settings = partition.Settings();
        foreach (var (name, value) in new[]
        {
            ("Polling:Enabled", "false"), ("Processing:Processor", "webhook"), ("Webhook:Url", receiver.Url),
            ("Webhook:Secret", "0123456789abcdef01234567"),
            ("Consumer:MaxDeliveries", "2"), ("Consumer:Lease", "00:00:03"), ("Consumer:LeaseRenewal", "00:00:00.300"),
            ("Processing:Retries", "0"),
            ("Processing:BreakerMinimumThroughput", minimumThroughput), ("Processing:BreakDuration", "00:00:00.500"),
        })
        {
            settings[name] = value;
        }

        var host = await partition.StartHostAsync(settings);
        // More requests than each email has deliveries. With the circuit open they come one at a time.
        await Eventually.TrueAsync(
            () => receiver.Requests.Count >= (minimumThroughput == "10" ? 20 : 120), "the receiver has refused for a while");
        var failure = host.Services.GetRequiredService<Circuits>().All[0].LastFailure;
        Assert.StartsWith($"The webhook answered {status}: ", failure!.Error, StringComparison.Ordinal);

        receiver.Answer = Receiver.Status(200);
        await partition.DrainedAsync();
        Assert.Equal(30, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
        Assert.Empty(await partition.DeadLettersAsync());
    }
}
