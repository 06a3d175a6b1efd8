using System.Diagnostics;
using EmailIngestion.Bench.Sides;
using EmailIngestion.DevServers;
using EmailIngestion.Load;

namespace EmailIngestion.Bench.Benches;

/// <summary>
/// Measures polling from a real mailbox to the stream, against a client that only reads the socket and mbsync to a local Maildir.
/// </summary>
internal sealed class ImapBench : IBench
{
    private const int Count = 20_000;
    private const int Bytes = 4_096;

    public string Name => "imap";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var mbsync = await Peers.ProgramAsync("mbsync", "isync", cancellationToken);
        await using var server = await DovecotProcess.StartAsync(new DovecotProcessOptions(), TimeProvider.System, cancellationToken);
        await FillAsync(server, LoadMail.User, Count, cancellationToken);

        var (ours, raw, maildir) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round < context.Rounds; round++)
        {
            ours.Add(Count / (await context.SideAsync(PollSide.Name, cancellationToken, context.RedisPort, server.Port, Count)).Seconds);
            raw.Add(Count / (await context.SideAsync(RawImapSide.Name, cancellationToken, server.Port, Count, Bytes)).Seconds);
            maildir.Add(Count / await MbsyncAsync(mbsync, server.Port, context, cancellationToken));
        }

        return
        [
            BenchRow.OfRates(Name, "IMAP to stream, 20,000 of 4 KB", 0.50, "reading the socket", "/s", ours, raw),
            BenchRow.OfRates(Name, "IMAP to stream, 20,000 of 4 KB", 1.50, "mbsync to Maildir", "/s", ours, maildir),
        ];
    }

    private static async Task FillAsync(DovecotProcess server, string user, int count, CancellationToken cancellationToken)
    {
        var mail = new LoadMail(Bytes);
        var now = TimeProvider.System.GetUtcNow();
        server.AddUser(user, PollSide.Password);
        await server.AppendAsync(
            user, PollSide.Password, "INBOX", Enumerable.Range(1, count).Select(number => (mail.Raw((uint)number), now)),
            cancellationToken);
    }

    private static async Task<double> MbsyncAsync(string mbsync, int port, BenchContext context, CancellationToken cancellationToken)
    {
        await context.CleanAsync(cancellationToken);
        var folder = Directory.CreateTempSubdirectory("bench-").FullName;
        try
        {
            var maildir = Directory.CreateDirectory(Path.Combine(folder, "mail")).FullName;
            var file = Path.Combine(folder, "mbsyncrc");
            await File.WriteAllTextAsync(file, Configuration(folder, port), cancellationToken);
            var started = TimeProvider.System.GetTimestamp();
            using var process = Process.Start(new ProcessStartInfo(mbsync, ["--quiet", "--config", file, "bench"]))!;
            await process.WaitForExitAsync(cancellationToken);
            var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
            var got = Directory.EnumerateFiles(maildir, "*", SearchOption.AllDirectories)
                .Count(path => Path.GetFileName(Path.GetDirectoryName(path)) is "new" or "cur");
            if (process.ExitCode != 0 || got != Count)
                throw new BenchException($"mbsync ended with {process.ExitCode} and {got} files.");
            Console.Error.WriteLine(FormattableString.Invariant($"  mbsync: {seconds:0.000} s"));
            return seconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // FSync is off because Dovecot does not wait for the disk either.
    private static string Configuration(string folder, int port) => $"""
        FSync no

        IMAPAccount bench
        Host 127.0.0.1
        Port {port}
        User {LoadMail.User}
        Pass {PollSide.Password}
        SSLType None
        AuthMechs LOGIN

        IMAPStore far
        Account bench

        MaildirStore near
        Path {folder}/mail/
        Inbox {folder}/mail/INBOX

        Channel bench
        Far :far:
        Near :near:
        Sync Pull New
        Create Near
        SyncState {folder}/state-

        """;
}
