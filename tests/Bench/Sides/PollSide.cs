using EmailIngestion.Load;
using EmailIngestion.Mailboxes;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Bench.Sides;

/// <summary>The poller, from a real mailbox to a real stream.</summary>
internal static class PollSide
{
    public const string Name = "poll";
    public const string WarmUser = "warm@example.test";
    public const string Password = "secret";

    public static async Task<SideResult> RunAsync(int port, int imapPort, int count)
    {
        await PollAsync(port, imapPort, WarmUser, null);
        return await PollAsync(port, imapPort, LoadMail.User, count);
    }

    private static async Task<SideResult> PollAsync(int port, int imapPort, string user, int? count)
    {
        await using var host = SideHost.Build(port, new Dictionary<string, string?>
        {
            ["Polling:Enabled"] = "true",
            ["Streams:Partitions:0"] = "bench",
            ["Mailboxes:0:Host"] = "127.0.0.1",
            ["Mailboxes:0:Port"] = $"{imapPort}",
            // As the peers read it: what is compared is not TLS.
            ["Mailboxes:0:Security"] = "None",
            ["Mailboxes:0:Username"] = user,
            ["Mailboxes:0:Password"] = Password,
            ["Mailboxes:0:StartFrom"] = "all",
            ["Mailboxes:0:Partition"] = "bench",
        });
        var poller = host.Services.GetRequiredService<PollService>();
        var stopper = new Stopper(port);
        var polls = await poller.PollAllAsync(CancellationToken.None);
        var result = stopper.Result();
        if (polls.Values.Single() is var poll && (poll.End != PollEnd.Complete || poll.Appended != (count ?? poll.Appended)))
            throw new InvalidOperationException($"The poll ended as {poll.End} with {poll.Appended} appended: {poll.Error}");
        return result;
    }
}
