using System.Globalization;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>
/// Knows the windows of docs/guarantees.md in which an effect may repeat, from the injected faults and the data that each failover lost. An
/// effect outside of all windows must not repeat.
/// </summary>
/// <param name="faults">The injected faults.</param>
/// <param name="failovers">The failovers, with the data that each lost.</param>
/// <param name="readOnAbove">The UID above which each mailbox was read on after Redis had lost its data.</param>
/// <param name="lease">The lease of the consumers.</param>
internal sealed class Explanations(
    IReadOnlyList<Fault> faults, IReadOnlyList<Failover> failovers, IReadOnlyDictionary<string, uint> readOnAbove, TimeSpan lease)
{
    // The settle follows the effect by one round trip, and by more where Redis or the machine is slow.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    // A failover may lose the delivery of an email that is in work. Work takes at most the receiver's timeout and a little more.
    private static readonly TimeSpan InWork = TimeSpan.FromSeconds(6);

    // Clocks and timers are not exact.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(0.5);

    /// <summary>Returns why an effect was repeated; null when nothing explains it.</summary>
    public string? Of(Effect effect, Effect next)
    {
        if (ReadAgain(effect, next))
            return FaultKind.Empty;
        // A consumer checks the ID before it runs an email. So only a consumer that had checked before the settle could run it again, or
        // one that asked a Redis that had lost the settle.
        if (effect.Settled is { } settled && next.At > settled + Settling)
            return Lost(effect.At, settled, TimeSpan.Zero)
                ?? faults.FirstOrDefault(fault => IsOfWorker(fault, pausesOnly: true, next.Worker, settled, next.At))?.Kind;
        return faults.FirstOrDefault(
            fault => IsOfWorker(fault, pausesOnly: false, effect.Worker, effect.At, DelayedUntil(effect.At) + Settling))?.Kind
            ?? faults.FirstOrDefault(fault => CutsRequest(fault, effect))?.Kind
            ?? Lost(effect.At, effect.At + Settling, InWork)
            ?? faults.FirstOrDefault(
                fault => fault.Kind == FaultKind.GroupDeleted && effect.At > fault.Began - Settling && effect.At < fault.End + InWork)?.Kind
            ?? (faults.Any(fault => IsOutage(fault, effect)) ? "Redis away for a lease" : null)
            ?? (IsAnsweredLate(effect) ? "cut at Webhook:Timeout" : null);
    }

    /// <summary>
    /// Whether the group was deleted between two dead-letterings. An entry that is dead-lettered and not trimmed yet is then delivered and
    /// dead-lettered again.
    /// </summary>
    public bool IsDeadLetteredAgain(IEnumerable<DeadLetter> deadLetters)
    {
        DateTimeOffset[] times =
            [.. deadLetters.Select(deadLetter => DateTimeOffset.FromUnixTimeMilliseconds(
                long.Parse(deadLetter.Id.Split('-')[0], CultureInfo.InvariantCulture)))
                .Order()];
        return faults.Any(fault => fault.Kind == FaultKind.GroupDeleted && fault.End > times[0] && fault.Began < times[^1]);
    }

    // Redis has lost the processed ID, and the mailbox was read on from a lower UID.
    private bool ReadAgain(Effect effect, Effect next) =>
        readOnAbove.TryGetValue(effect.Mailbox, out var above) && effect.Uid > above
        && faults.Any(fault => fault.Kind == FaultKind.Empty && effect.At < fault.End + InWork && next.At > fault.Began);

    // The failover that lost a settle or a delivery of this period.
    private string? Lost(DateTimeOffset from, DateTimeOffset until, TimeSpan after) =>
        failovers.FirstOrDefault(failover => until > failover.LostFrom && from < failover.LostUntil + after) is { } lost
            ? $"failover {lost.Number}"
            : null;

    private static bool IsOfRedis(Fault fault) =>
        fault.Kind is FaultKind.RedisCrash or FaultKind.RedisPause or FaultKind.Failover or FaultKind.Migration or FaultKind.Empty;

    // A killed consumer does nothing until it is started again. A paused one wakes up while others have its deliveries.
    private static bool IsOfWorker(Fault fault, bool pausesOnly, string worker, DateTimeOffset from, DateTimeOffset until)
    {
        var isPause = fault.Kind is FaultKind.Pause or FaultKind.NameTaken;
        return (isPause || (!pausesOnly && fault.Kind is FaultKind.Kill or FaultKind.Poison))
            && fault.Target == worker && until > fault.Began && from < (isPause ? fault.End : fault.Began) + Settling;
    }

    // On a busy machine the receiver may count an email and answer when its sender has given up.
    private static bool IsAnsweredLate(Effect effect) =>
        effect.Answered is not { } answered || answered > effect.Sent + WorkerSettings.WebhookTimeout - Tolerance;

    // A stop that takes all of its grace time cuts the requests in flight. The receiver may have counted one of them nevertheless.
    private static bool CutsRequest(Fault fault, Effect effect)
    {
        var cut = fault.Began + WorkerSettings.ShutdownGrace - Tolerance;
        return fault.Kind == FaultKind.Stop && fault.Target == effect.Worker && fault.End > cut
            && effect.At > cut && effect.At < fault.End + Settling;
    }

    // A settle waits while Redis is away or moves the slot, and its consumer may die meanwhile.
    private DateTimeOffset DelayedUntil(DateTimeOffset effect) =>
        faults.Where(fault => IsOfRedis(fault) && fault.Began < effect + Settling && fault.End > effect).Select(fault => fault.End)
            .DefaultIfEmpty(effect)
            .Max();

    // Nothing is lost. But a consumer that can neither renew nor settle for a whole lease loses its deliveries to the first consumer that
    // can reclaim them.
    private bool IsOutage(Fault fault, Effect effect) =>
        IsOfRedis(fault) && fault.End - fault.Began > lease / 2 && effect.At > fault.Began - Settling && effect.At < fault.End + Settling;
}
