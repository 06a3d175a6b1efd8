using EmailIngestion.Bench.Sides;
using EmailIngestion.DevServers;

namespace EmailIngestion.Bench.Benches;

/// <summary>
/// Measures whether the processor time of an email or a poll, ours and Redis's, depends on how many emails wait, how many dead letters
/// there are, and how many mailboxes.
/// </summary>
internal sealed class GrowthBench : IBench
{
    private const double Goal = 1.10;
    private const int Consumed = 40_000;
    private const int Failed = 4_000;
    private const int DeadLetters = 100_000;
    private const int Polls = 6_000;

    private static readonly (int Few, int Many) Waiting = (1_000, 1_000_000);
    private static readonly (int Few, int Many) Mailboxes = (10, 1_000);

    public string Name => "growth";

    public async Task<IReadOnlyList<BenchRow>> RunAsync(BenchContext context, CancellationToken cancellationToken) =>
    [
        await RowAsync(
            context, "an email, 1,000,000 waiting", "1,000 waiting", Consumed,
            () => ConsumeAsync(context, Waiting.Many, Consumed, 1, 0, cancellationToken),
            () => ConsumeAsync(context, Waiting.Few, Waiting.Few, Consumed / Waiting.Few, 0, cancellationToken)),
        await RowAsync(
            context, "an email, 100,000 dead letters", "no dead letters", Consumed,
            () => ConsumeAsync(context, Consumed, Consumed, 1, DeadLetters, cancellationToken),
            () => ConsumeAsync(context, Consumed, Consumed, 1, 0, cancellationToken)),
        await RowAsync(
            context, "a new dead letter, 100,000 dead letters", "1,000 dead letters", Failed,
            () => FailAsync(context, DeadLetters, cancellationToken),
            () => FailAsync(context, 0, cancellationToken)),
        await MailboxesAsync(context, cancellationToken),
    ];

    private async Task<BenchRow> MailboxesAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var server = await DovecotProcess.StartAsync(new DovecotProcessOptions(), TimeProvider.System, cancellationToken);
        for (var number = 0; number < Mailboxes.Many; number++)
            server.AddUser(MailboxesSide.User(number), PollSide.Password);
        return await RowAsync(
            context, "a poll, 1,000 mailboxes", "10 mailboxes", Polls,
            () => PollAsync(context, server, Mailboxes.Many, cancellationToken),
            () => PollAsync(context, server, Mailboxes.Few, cancellationToken));
    }

    private async Task<BenchRow> RowAsync(
        BenchContext context, string what, string peerName, int count, Func<Task<SideResult>> much, Func<Task<SideResult>> little)
    {
        var (many, few) = (new Measurement(count), new Measurement(count));
        for (var round = 0; round < context.Rounds; round++)
        {
            many.Add(await much());
            few.Add(await little());
        }

        return BenchRow.OfShare(Name, what, Goal, peerName, "µs of processor", many.Costs, few.Costs) with
        {
            OursCost = many.Cost,
            PeerCost = few.Cost,
        };
    }

    private static Task<SideResult> ConsumeAsync(
        BenchContext context, int waiting, int window, int times, int deadLetters, CancellationToken cancellationToken) =>
        context.SideAsync(GrowthSide.Name, cancellationToken, context.RedisPort, waiting, window, times, deadLetters, 0);

    private static Task<SideResult> FailAsync(BenchContext context, int deadLetters, CancellationToken cancellationToken) =>
        context.SideAsync(GrowthSide.Name, cancellationToken, context.RedisPort, Failed, Failed, 1, deadLetters, 1);

    private static Task<SideResult> PollAsync(
        BenchContext context, DovecotProcess server, int count, CancellationToken cancellationToken) =>
        context.SideAsync(PollManySide.Name, cancellationToken, context.RedisPort, server.Port, count, Polls);
}
