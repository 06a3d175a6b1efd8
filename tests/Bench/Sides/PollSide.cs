using EmailIngestion.Load;
using EmailIngestion.Mailboxes;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Bench.Sides;

/// <summary>Runs the poller from a real mailbox to a real stream.</summary>
internal static class PollSide
{
    public const string Name = "poll";
    public const string Password = "secret";

    private const int WarmUps = 12;

    public static async Task<SideResult> RunAsync(int port, int imapPort, int count)
    {
        // Polls several times, because a poller runs for months and compiling it well takes some seconds of work.
        for (var pass = 0; pass < WarmUps; pass++)
            await PollAsync(port, imapPort, $"warm-{pass}", count);
        return await PollAsync(port, imapPort, "bench", count);
    }

    private static async Task<SideResult> PollAsync(int port, int imapPort, string partition, int count)
    {
        await using var host = SideHost.Build(port, new Dictionary<string, string?>
        {
            ["Polling:Enabled"] = "true",
            ["Streams:Partitions:0"] = partition,
            ["Mailboxes:0:Host"] = "127.0.0.1",
            ["Mailboxes:0:Port"] = $"{imapPort}",
            // The peers read without TLS too. TLS is not compared.
            ["Mailboxes:0:Security"] = "None",
            ["Mailboxes:0:Username"] = LoadMail.User,
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
