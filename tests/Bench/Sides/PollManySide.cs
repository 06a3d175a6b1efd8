using EmailIngestion.Mailboxes;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Bench.Sides;

/// <summary>Polls many mailboxes of one server again and again, and finds nothing new in them.</summary>
internal static class PollManySide
{
    public const string Name = "poll-many";

    private const int WarmUp = 4_000;

    public static async Task<SideResult> RunAsync(int port, int imapPort, int count, int polls)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Polling:Enabled"] = "true",
            ["Polling:HintFolder"] = "",
            ["Polling:MaxWatched"] = "0",
        };
        for (var number = 0; number < count; number++)
        {
            foreach (var (name, value) in MailboxesSide.Mailbox(MailboxesSide.User(number), imapPort))
                settings[$"Mailboxes:{number}:{name}"] = value;
        }

        await using var host = SideHost.Build(port, settings);
        var poller = host.Services.GetRequiredService<PollService>();
        await PollAsync(poller, count, WarmUp);
        var stopper = new Stopper(port);
        await PollAsync(poller, count, polls);
        return stopper.Result();
    }

    private static async Task PollAsync(PollService poller, int count, int polls)
    {
        for (var done = 0; done < polls; done += count)
        {
            var ended = await poller.PollAllAsync(CancellationToken.None);
            var complete = ended.Values.Count(poll => poll.End == PollEnd.Complete);
            if (complete != count)
                throw new InvalidOperationException($"{complete} of {count} mailboxes were polled.");
        }
    }
}
