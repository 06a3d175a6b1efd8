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
    public async Task It_is_dead_lettered_whole_without_being_run_and_the_circuit_stays_closed()
    {
        await using var partition = await PartitionAsync();
        var script = new ProcessorScript(Consumers.Completes);

        var host = await partition.StartConsumerAsync(script, ("Processing:MaxParts", "100"), ("Processing:BreakerMinimumThroughput", "2"));
        await partition.DrainedAsync();

        Assert.Equal([Complex + 1u], script.Runs);
        Assert.Equal(CircuitState.Closed, host.Services.GetRequiredService<Circuit>().State);
        var letters = await partition.DeadLettersAsync();
        Assert.Equal(Complex, letters.Count);
        Assert.All(letters, letter => Assert.Equal(
            (DeadLetterReasons.TooComplex, 1, "The email is too complex to be parsed: Processing:MaxParts is 100, and it has at least 101."),
            (letter.Reason, letter.DeliveryCount, letter.ErrorMessage)));
        var raw = await partition.Partition.DeadLetters.FindRawAsync(letters[0].Id, TestContext.Current.CancellationToken);
        Assert.Equal(Raw, raw!.Value.ToArray());
    }

    [Fact]
    public async Task After_the_limit_is_raised_it_is_replayed_and_parsed()
    {
        await using var partition = await PartitionAsync();
        await using (await partition.StartConsumerAsync(new ProcessorScript(Consumers.Completes), ("Processing:MaxParts", "100")))
            await partition.DrainedAsync();
        var parts = 0;
        var script = new ProcessorScript((message, token) =>
        {
            Interlocked.Add(ref parts, message.Parse(token).BodyParts.Count());
            return Task.CompletedTask;
        });
        await partition.StartConsumerAsync(script, ("Processing:MaxParts", "10000"));

        foreach (var letter in await partition.DeadLettersAsync())
            await partition.Partition.DeadLetters.ReplayAsync(letter.Id, "key", TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(() => script.Completed.Length == Complex, "all replayed emails are processed");
        await partition.DrainedAsync();
        Assert.Empty(await partition.DeadLettersAsync());
        Assert.Equal(Complex * 200, parts);
    }

    // Those that are too complex, and one after them that is not.
    private async Task<TestPartition> PartitionAsync()
    {
        var partition = await servers.PartitionWithMailAsync(0);
        var cursor = await Mails.StartAsync(partition.Partition.Stream);
        AppendItem[] items =
        [
            .. Mails.UidRange(1, Complex).Select(uid => new AppendItem(Mails.Message(uid) with { Raw = Raw }, SHA256.HashData([(byte)uid])[..16], null)),
            Mails.Item(Complex + 1),
        ];
        await partition.Partition.Stream.AppendAsync(Mails.Mailbox, cursor, 0, items, Mails.Window, TestContext.Current.CancellationToken);
        return partition;
    }
}
