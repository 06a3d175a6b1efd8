using EmailIngestion.Mailboxes;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Bench.Sides;

/// <summary>Runs the poller from a real mailbox to a real stream.</summary>
internal static class PollSide
{
    public const string Name = "poll";
    public const string Password = "secret";

    public static async Task<SideResult> RunAsync(int port, ImapAddress mail, int count, int warmUps)
    {
        // Polls several times, because a poller runs for months and compiling it well takes some seconds of work.
        for (var pass = 0; pass < warmUps; pass++)
        {
            await PollAsync(port, mail, $"warm-{pass}", count);
            using var redis = new RawRedis(port);
            redis.Ask("FLUSHALL", "SYNC");
        }

        return await PollAsync(port, mail, "bench", count);
    }

    private static async Task<SideResult> PollAsync(int port, ImapAddress mail, string partition, int count)
    {
        await using var host = SideHost.Build(port, new Dictionary<string, string?>
        {
            ["Polling:Enabled"] = "true",
            // Each pass has an empty Redis: a hint would call that a loss.
            ["Polling:HintFolder"] = "",
            ["Streams:Partitions:0"] = partition,
            ["Mailboxes:0:Host"] = "127.0.0.1",
            ["Mailboxes:0:Port"] = $"{mail.Port}",
            ["Mailboxes:0:Security"] = mail.IsTls ? "Tls" : "None",
            ["Mailboxes:0:CertificateAuthority"] = mail.Authority,
            ["Mailboxes:0:Username"] = mail.User,
            ["Mailboxes:0:Password"] = Password,
            ["Mailboxes:0:StartFrom"] = "all",
            ["Mailboxes:0:Partition"] = partition,
        });
        var poller = host.Services.GetRequiredService<PollService>();
        var stopper = new Stopper(port);
        var polls = await poller.PollAllAsync(CancellationToken.None);
        var result = stopper.Result();
        if (polls.Values.Single() is var poll && (poll.End != PollEnd.Complete || poll.Appended != count))
            throw new InvalidOperationException($"The poll ended as {poll.End} with {poll.Appended} appended: {poll.Error}");
        return result;
    }
}
