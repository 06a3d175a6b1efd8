using EmailIngestion.Mailboxes;
using EmailIngestion.Processing;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Checks mailboxes before this process takes them over: what the poller needs of them, and what the consumer needs.</summary>
internal sealed class MailboxRules(
    PollingOptionsRules pollingRules,
    ProcessingOptionsRules processingRules,
    ConsumerRoutes consumer,
    IOptions<PollingOptions> polling,
    IOptions<ProcessingOptions> processing)
{
    /// <summary>Returns the first fault; null if there is none.</summary>
    public async Task<string?> FaultAsync(IReadOnlyList<MailboxOptions> mailboxes)
    {
        var routes = Routes(mailboxes);
        return pollingRules.Faults(polling.Value, mailboxes)
            .Concat(processingRules.Faults(processing.Value, routes))
            .FirstOrDefault() ?? await consumer.FaultAsync(routes);
    }

    /// <summary>Returns what the mailboxes say about processing.</summary>
    public static IReadOnlyList<MailboxRoute> Routes(IReadOnlyList<MailboxOptions> mailboxes) =>
    [
        .. mailboxes.Select((mailbox, index) => new MailboxRoute(
            mailbox.Setting ?? $"Mailboxes:{index}", mailbox.Name, mailbox.Processor, mailbox.AuthenticationServer)),
    ];
}
