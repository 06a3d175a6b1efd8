using System.Collections.Concurrent;
using EmailIngestion.Messages;
using EmailIngestion.Processing;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>The behavior of a test's processor, and the UIDs of the emails that it received.</summary>
internal sealed class ProcessorScript(Func<EmailMessage, CancellationToken, Task> run)
{
    private readonly ConcurrentQueue<uint> _runs = new();
    private readonly ConcurrentQueue<uint> _completed = new();

    public uint[] Runs => [.. _runs.Order()];

    public uint[] Completed => [.. _completed.Order()];

    public async Task RunAsync(EmailMessage message, CancellationToken cancellationToken)
    {
        _runs.Enqueue(message.Uid);
        await run(message, cancellationToken);
        _completed.Enqueue(message.Uid);
    }
}

/// <summary>A processor, registered under <see cref="Name"/>, that follows the script.</summary>
internal sealed class ScriptedProcessor(ProcessorScript script) : IEmailProcessor
{
    public const string Name = "scripted";

    public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken) =>
        script.RunAsync(delivery.Email, cancellationToken);
}
