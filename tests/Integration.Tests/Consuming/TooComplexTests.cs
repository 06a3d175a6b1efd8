using System.Security.Cryptography;
using System.Text;
using EmailIngestion.Consuming;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

public sealed class TooComplexTests(TestServers servers)
{
    private const int Complex = 20;

    private static readonly byte[] Raw = Encoding.ASCII.GetBytes(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + string.Concat(Enumerable.Repeat("--b\r\n\r\nx\r\n", 200)) + "--b--\r\n");

    [Fact]
    public async Task A_too_complex_email_is_dead_lettered_without_a_run_or_an_open_circuit()
    {
        await using var partition = await PartitionAsync();
        var script = new ProcessorScript(Consumers.Completes);

        var host = await partition.StartConsumerAsync(script, ("Processing:MaxParts", "100"), ("Processing:BreakerMinimumThroughput", "2"));
        await partition.DrainedAsync();

        Assert.Equal([Complex + 1u], script.Runs);
        Assert.Equal(CircuitState.Closed, host.Services.GetRequiredService<Circuits>().All[0].State);
        var deadLetters = await partition.DeadLettersAsync();
        Assert.Equal(Complex, deadLetters.Count);
        Assert.All(deadLetters, deadLetter => Assert.Equal(
            (DeadLetterReasons.TooComplex, 1,
                "The email is too complex to be parsed: Processing:MaxParts is 100, and it has at least 101."),
            (deadLetter.Reason, deadLetter.DeliveryCount, deadLetter.ErrorMessage)));
        var raw = await partition.Partition.DeadLetters.FindRawAsync(deadLetters[0].Id, TestContext.Current.CancellationToken);
        Assert.Equal(Raw, raw!.Value.ToArray());
    }

    [Fact]
    public async Task A_too_complex_email_is_replayed_after_the_limit_is_raised()
    {
        await using var partition = await PartitionAsync();
        await using (await partition.StartConsumerAsync(new ProcessorScript(Consumers.Completes), ("Processing:MaxParts", "100")))
            await partition.DrainedAsync();
        var parts = 0;
        var script = new ProcessorScript((message, _) =>
        {
            Interlocked.Add(ref parts, message.Mime.BodyParts.Count());
            return Task.CompletedTask;
        });
        await partition.StartConsumerAsync(script, ("Processing:MaxParts", "10000"));

        foreach (var deadLetter in await partition.DeadLettersAsync())
            await partition.Partition.DeadLetters.ReplayAsync(deadLetter.Id, "key", TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(() => script.Completed.Length == Complex, "all replayed emails are processed");
        await partition.DrainedAsync();
        Assert.Empty(await partition.DeadLettersAsync());
        Assert.Equal(Complex * 200, parts);
    }

    // Several emails that are too complex, followed by a normal one.
    private async Task<TestPartition> PartitionAsync()
    {
        var partition = await servers.PartitionWithMailAsync(0);
        var cursor = await Mails.StartAsync(partition.Partition.Stream);
        AppendItem[] items =
        [
            .. Mails.UidRange(1, Complex)
                .Select(uid => new AppendItem(Mails.Message(uid) with { Raw = Raw }, SHA256.HashData([(byte)uid])[..16], null)),
            Mails.Item(Complex + 1),
        ];
        await partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, 0, items, Mails.Window, TestContext.Current.CancellationToken);
        return partition;
    }
}
