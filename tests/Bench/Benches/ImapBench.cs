using System.Diagnostics;
using EmailIngestion.Bench.Sides;
using EmailIngestion.DevServers;
using EmailIngestion.Load;

namespace EmailIngestion.Bench.Benches;

/// <summary>
/// Measures polling from a real mailbox to the stream, without TLS and over it, for small emails and for mixed sizes, against a client that
/// only reads, against imapflow, which only fetches, and against mbsync to a local Maildir.
/// </summary>
internal sealed class ImapBench : IBench
{
    private const int Count = 20_000;
    private const int QuickCount = 4_000;
    private const int Bytes = 4_096;
    private const int WarmUps = 12;
    private const int MixedCount = 2_000;
    private const int QuickMixedCount = 300;
    private const int MixedWarmUps = 5;
    private const string MixedUser = "mixed@example.test";
    private const int FetchPasses = 4;
    private const double SocketGoal = 0.60;
    private const double TlsGoal = 0.80;
    private const double FetchGoal = 1.20;
    private const double MaildirGoal = 1.50;

    public string Name => "imap";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var mbsync = context.IsQuick ? null : await Peers.ProgramAsync("mbsync", "isync", cancellationToken);
        await using var server = await DovecotProcess.StartAsync(new DovecotProcessOptions(), TimeProvider.System, cancellationToken);
        var small = new LoadMail(Bytes);
        MailSet[] sets =
        [
            await FillAsync(
                server, $"{context.Size(Count, QuickCount):N0} of 4 KB", LoadMail.User, WarmUps,
                Enumerable.Range(1, context.Size(Count, QuickCount)).Select(number => small.Raw((uint)number)), cancellationToken),
            await FillAsync(
                server, $"{context.Size(MixedCount, QuickMixedCount):N0} of 1 KB to 1 MB", MixedUser, MixedWarmUps,
                Enumerable.Range(1, context.Size(MixedCount, QuickMixedCount)).Select(MixedMail.Raw), cancellationToken),
        ];
        var rows = new List<BenchRow>();
        foreach (var set in sets)
        {
            foreach (var isTls in new[] { false, true })
                rows.AddRange(await RowsAsync(context, server, set, isTls, set == sets[0] && !isTls ? mbsync : null, cancellationToken));
        }

        return rows;
    }

    private async Task<IReadOnlyList<BenchRow>> RowsAsync(
        BenchContext context, DovecotProcess server, MailSet set, bool isTls, string? mbsync, CancellationToken cancellationToken)
    {
        var mail = isTls
            ? new ImapAddress(server.TlsPort, set.User, server.CertificateAuthorityPath)
            : new ImapAddress(server.Port, set.User, "");
        var (ours, bare) = (new Measurement(set.Count), new Measurement(set.Count));
        var (fetched, maildir) = (new Measurement(set.Count), new Measurement(set.Count));
        for (var round = 0; round < context.Rounds; round++)
        {
            ours.Add(await context.SideAsync(
                PollSide.Name, cancellationToken, [context.RedisPort, set.Count, set.WarmUps, .. mail.Arguments]));
            bare.Add(await context.SideAsync(RawImapSide.Name, cancellationToken, [set.Megabytes, .. mail.Arguments]));
            fetched.Add(await context.ScriptAsync(
                "imapflow", "fetch.mjs", cancellationToken, [set.Count, FetchPasses, .. mail.Arguments]));
            if (mbsync is not null)
                maildir.Add(new SideResult { Seconds = await MbsyncAsync(mbsync, server.Port, set.Count, context, cancellationToken) });
        }

        var what = $"IMAP to stream, {set.Name}{(isTls ? ", over TLS" : "")}";
        var rows = new List<BenchRow>
        {
            isTls
                ? BenchRow.OfRates(Name, what, TlsGoal, "a reader over TLS", ours, bare)
                : BenchRow.OfRates(Name, what, SocketGoal, "reading the socket", ours, bare),
            BenchRow.OfRates(Name, what, FetchGoal, "imapflow, only fetching", ours, fetched),
        };
        if (mbsync is not null)
            rows.Add(BenchRow.OfRates(Name, what, MaildirGoal, "mbsync to Maildir", ours, maildir));
        return rows;
    }

    private static async Task<MailSet> FillAsync(
        DovecotProcess server, string name, string user, int warmUps, IEnumerable<byte[]> mail, CancellationToken cancellationToken)
    {
        var (count, bytes, now) = (0, 0L, TimeProvider.System.GetUtcNow());
        server.AddUser(user, PollSide.Password);
        await server.AppendAsync(
            user, PollSide.Password, "INBOX",
            mail.Select(raw =>
            {
                (count, bytes) = (count + 1, bytes + raw.Length);
                return (raw, now);
            }),
            cancellationToken);
        return new MailSet(name, user, count, (int)(bytes / 1_000_000), warmUps);
    }

    private static async Task<double> MbsyncAsync(
        string mbsync, int port, int count, BenchContext context, CancellationToken cancellationToken)
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
            if (process.ExitCode != 0 || got != count)
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

    /// <summary>The emails of one mailbox.</summary>
    private sealed record MailSet(string Name, string User, int Count, int Megabytes, int WarmUps);
}
