using EmailIngestion.Integration.Tests.Processing;
using EmailIngestion.Integration.Tests.Support;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Pauses a real consumer process with SIGSTOP for less than its lease and longer than the timeout of an attempt.</summary>
public sealed class PauseTests(TestServers servers)
{
    private const int Rounds = 3;
    private const int InWork = 5;

    // A slow machine takes more than a second from the first request to the pause.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(7);

    // One of the two timeouts has passed when the process resumes: the webhook's or the attempt's.
    [Theory]
    [InlineData("00:00:05", "00:01:00")]
    [InlineData("00:00:05", "00:00:05")]
    public async Task Answers_that_arrive_during_a_pause_count_and_nothing_is_sent_twice(string webhook, string attempt)
    {
        await using var partition = await servers.PartitionWithMailAsync(Rounds * InWork);
        await using var receiver = await Receiver.StartAsync();
        using var answer = new SemaphoreSlim(0);
        receiver.Answer = async (context, _) => await answer.WaitAsync(context.RequestAborted);
        using var consumer = ConsumerProcess.Start(
            partition,
            "pausing",
            ("Processing:Processor", "webhook"), ("Webhook:Url", receiver.Url), ("Webhook:Secret", "0123456789abcdef01234567"),
            ("Webhook:Timeout", webhook),
            ("Processing:AttemptTimeout", attempt), ("Consumer:Concurrency", $"{InWork}"), ("Consumer:Lease", "00:01:00"),
            ("Consumer:LeaseRenewal", "00:00:05"));

        for (var round = 1; round <= Rounds; round++)
        {
            await Eventually.TrueAsync(() => receiver.Requests.Count == round * InWork, $"the emails of round {round} are in work");
            consumer.Pause();
            answer.Release(InWork);
            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
            consumer.Continue();
        }

        await partition.DrainedAsync();
        var ids = receiver.Requests.Select(request => request.Headers["webhook-id"]).ToArray();
        Assert.Equal(Rounds * InWork, ids.Length);
        Assert.Distinct(ids);
        Assert.Equal(Rounds * InWork, await Consumers.ProcessedAsync(partition.Database, partition.Keys));
    }
}
