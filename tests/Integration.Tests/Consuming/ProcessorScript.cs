using System.Collections.Concurrent;
using EmailIngestion.Messages;
using EmailIngestion.Processing;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>What a test's processor does, and which emails (by UID) it was given.</summary>
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

/// <summary>Registered under <see cref="Name"/>; does what the script says.</summary>
internal sealed class ScriptedProcessor(ProcessorScript script) : IEmailProcessor
{
    public const string Name = "scripted";

    public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken) =>
        script.RunAsync(delivery.Email, cancellationToken);
}
