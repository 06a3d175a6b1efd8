using EmailIngestion.Consuming;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests that a failure or a timeout in the parser does not count as a failure of the processor's dependency.</summary>
public sealed class OwnFailureTests(TestServers servers)
{
    private static readonly (string, string)[] Settings =
    [
        ("Consumer:MaxDeliveries", "1"), ("Processing:AttemptTimeout", "00:00:00.300"), ("Processing:Retries", "0"),
        ("Processing:BreakerMinimumThroughput", "2"), ("Processing:BreakerFailureRatio", "0.01"), ("Processing:BreakDuration", "01:00:00"),
        ("Processing:MaxAbandoned", "100"),
    ];

    [Fact]
    public async Task A_timeout_in_the_parser_does_not_open_the_circuit()
    {
        using var gate = new ManualResetEventSlim();
        await RunAsync(
            message => message.Watch!.Run(() => gate.Wait(TimeSpan.FromMinutes(1))),
            (nameof(EmailFailureException), "The email was still being parsed when Processing:AttemptTimeout was over."));
        gate.Set();
    }

    [Fact]
    public Task A_failure_of_the_parser_of_any_type_does_not_open_the_circuit() => RunAsync(
        message => message.Watch!.Run<int>(() => throw new IOException("The parser's stream ends.")),
        (nameof(IOException), "The parser's stream ends."));

    private async Task RunAsync(Action<Messages.EmailMessage> parse, (string Type, string Message) expected)
    {
        await using var partition = await servers.PartitionWithMailAsync(30);
        var script = new ProcessorScript((message, _) =>
        {
            if (message.Uid <= 12)
                parse(message);
            return Task.CompletedTask;
        });
        var host = await partition.StartConsumerAsync(script, Settings);
        await partition.DrainedAsync();

        Assert.Equal(Mails.UidRange(13, 30), script.Completed);
        var circuit = host.Services.GetRequiredService<Circuits>().All[0];
        Assert.Equal((CircuitState.Closed, 0L), (circuit.State, circuit.Closings));
        var deadLetters = await partition.DeadLettersAsync();
        Assert.Equal(Mails.UidRange(1, 12), deadLetters.Select(deadLetter => deadLetter.Uid!.Value).Order());
        Assert.All(deadLetters, deadLetter => Assert.Equal(expected, (deadLetter.ErrorType, deadLetter.ErrorMessage)));
    }
}
