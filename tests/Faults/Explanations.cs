using System.Globalization;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>
/// The windows of docs/guarantees.md in which an effect may come again: what was done to whom, and when, and what each failover has lost.
/// An effect outside of all of them had no reason to be repeated.
/// </summary>
/// <param name="faults">What was done.</param>
/// <param name="failovers">What each has lost.</param>
/// <param name="readOnAbove">Above which UID mailboxes were read on after Redis had lost its data.</param>
/// <param name="lease">Of the consumers.</param>
internal sealed class Explanations(
    IReadOnlyList<Fault> faults, IReadOnlyList<Failover> failovers, IReadOnlyDictionary<string, uint> readOnAbove, TimeSpan lease)
{
    // Between an effect and its settling lies a round trip, and one more where Redis or the machine is slow.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    // The handing-out of an email may be lost while it is in work, which takes so long at most: the receiver's time-out and a little.
    private static readonly TimeSpan InWork = TimeSpan.FromSeconds(6);

    /// <summary>Why an effect that had been had already came again; null: nothing explains it.</summary>
    public string? Of(Effect effect, Effect next)
    {
        if (ReadAgain(effect, next))
            return FaultKind.Empty;
        // What was settled is asked for before it is run, so only who had asked before could run it, or who asked a Redis that had lost it.
        if (effect.Settled is { } settled && next.At > settled + Settling)
            return Lost(effect.At, settled, TimeSpan.Zero) ?? faults.FirstOrDefault(fault => IsOfWorker(fault, pausesOnly: true, next.Worker, settled, next.At))?.Kind;
        return faults.FirstOrDefault(fault => IsOfWorker(fault, pausesOnly: false, effect.Worker, effect.At, HeldUpUntil(effect.At) + Settling))?.Kind
            ?? Lost(effect.At, effect.At + Settling, InWork)
            ?? faults.FirstOrDefault(fault => fault.Kind == FaultKind.GroupDeleted && effect.At > fault.Began - Settling && effect.At < fault.End + InWork)?.Kind
            ?? (faults.Any(fault => IsOutage(fault, effect)) ? "Redis away for a lease" : null);
    }

    /// <summary>Whether the group was deleted between two burials: what is buried and not trimmed yet is then delivered again, and buried again.</summary>
    public bool IsDeadLetteredAgain(IEnumerable<DeadLetter> letters)
    {
        DateTimeOffset[] buried = [.. letters.Select(letter => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(letter.Id.Split('-')[0], CultureInfo.InvariantCulture))).Order()];
        return faults.Any(fault => fault.Kind == FaultKind.GroupDeleted && fault.End > buried[0] && fault.Began < buried[^1]);
    }

    // Redis has lost that it was done, and the mailbox was read on from below it.
    private bool ReadAgain(Effect effect, Effect next) =>
        readOnAbove.TryGetValue(effect.Mailbox, out var above) && effect.Uid > above
        && faults.Any(fault => fault.Kind == FaultKind.Empty && effect.At < fault.End + InWork && next.At > fault.Began);

    // What was settled, or handed out, in the time that the new primary of a failover lacked.
    private string? Lost(DateTimeOffset from, DateTimeOffset until, TimeSpan after) =>
        failovers.FirstOrDefault(failover => until > failover.LostFrom && from < failover.LostUntil + after) is { } lost ? $"failover {lost.Number}" : null;

    private static bool IsOfRedis(Fault fault) => fault.Kind is FaultKind.RedisCrash or FaultKind.RedisPause or FaultKind.Failover or FaultKind.Migration or FaultKind.Empty;

    // A consumer that is killed does nothing more until it is started; one that is paused wakes up in the middle of what others have by then.
    private static bool IsOfWorker(Fault fault, bool pausesOnly, string worker, DateTimeOffset from, DateTimeOffset until)
    {
        var isPause = fault.Kind is FaultKind.Pause or FaultKind.NameTaken;
        return (isPause || (!pausesOnly && fault.Kind is FaultKind.Kill or FaultKind.Poison))
            && fault.Target == worker && until > fault.Began && from < (isPause ? fault.End : fault.Began) + Settling;
    }

    // While Redis is away, or moves the slot, a settle waits, and its consumer may die meanwhile.
    private DateTimeOffset HeldUpUntil(DateTimeOffset effect) =>
        faults.Where(fault => IsOfRedis(fault) && fault.Began < effect + Settling && fault.End > effect).Select(fault => fault.End).DefaultIfEmpty(effect).Max();

    // Nothing is lost; but who does not get through to renew or settle for as long as a lease is overtaken by whoever gets through first.
    private bool IsOutage(Fault fault, Effect effect) =>
        IsOfRedis(fault) && fault.End - fault.Began > lease / 2 && effect.At > fault.Began - Settling && effect.At < fault.End + Settling;
}
