using System.Globalization;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;

namespace EmailIngestion.Operations.Status;

/// <summary>Finds what of a partition needs a person. Pure.</summary>
internal static class PartitionAdvice
{
    private const double Warn = 0.5;
    private const double Stops = 0.75;
    private const double Alarm = 0.9;

    // More mailboxes in the same state are one advice.
    private const int Few = 3;

    public static IEnumerable<Advice> Of(StreamSnapshot snapshot, ControlState control) =>
    [
        .. OfRedis(snapshot), .. OfMemory(snapshot.Memory.Ratio), .. OfMail(snapshot), .. OfPauses(control),
    ];

    private static IEnumerable<Advice> OfRedis(StreamSnapshot snapshot)
    {
        if (snapshot.Memory.Policy is { Length: > 0 } policy && policy != "noeviction")
        {
            yield return new(
                "eviction",
                $"Redis has maxmemory-policy {policy}: it evicts queued mail when its memory is full.",
                "Set noeviction in Redis.");
        }

        if (snapshot.PersistenceWarning is { } persistence)
            yield return new("persistence-off", persistence, "Set appendonly yes in Redis.");
        if (snapshot.WritesAlone)
        {
            yield return new(
                "min-replicas",
                "Redis has replicas and min-replicas-to-write 0: a primary that is cut off accepts writes that a failover loses.",
                "Set min-replicas-to-write 1 in Redis (docs/runbook.md, What a failover costs).");
        }

        if (snapshot.IsGroupMissing)
        {
            yield return new(
                "group-missing",
                "The consumer group does not exist, so nothing is consumed. Somebody has deleted it, or no process has started yet.",
                "Start a poller or a consumer: it makes the group. If one runs, look into its log.");
        }

        if (!snapshot.IsLagKnown)
        {
            yield return new(
                "lag-unknown",
                "Redis does not know how many entries are unread: somebody has deleted entries, or it has failed over.",
                "Delete no entries by hand. It passes when all entries are read.");
        }
    }

    private static IEnumerable<Advice> OfMemory(double ratio)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"Redis has used {ratio * 100:0} % of its memory.");
        if (ratio >= Alarm)
            yield return new("memory-90", text, "Give Redis more memory, or consume faster, now: when it is full it refuses appends.");
        else if (ratio >= Stops)
            yield return new("memory-75", text, "Give Redis more memory, or consume faster: polling stops at Streams:MaxMemoryRatio.");
        else if (ratio >= Warn)
            yield return new("memory-50", text, "Watch it.");
    }

    private static IEnumerable<Advice> OfMail(StreamSnapshot snapshot)
    {
        if (snapshot.DeadLetters > 0)
        {
            yield return new(
                "dead-letters",
                snapshot.DeadLetters == 1
                    ? "1 dead letter waits for a decision."
                    : string.Create(CultureInfo.InvariantCulture, $"{snapshot.DeadLetters:N0} dead letters wait for a decision."),
                "Read their reasons, then replay or delete them.");
        }

        foreach (var parked in OfMailboxes(
            "parked",
            [.. snapshot.Mailboxes.Where(mailbox => mailbox.IsParked).Select(mailbox => mailbox.Name)],
            "is parked: its sign-in is refused.",
            "are parked: their sign-in is refused.",
            "Correct the account, then unpark it (mailboxes unpark; POST mailboxes/unpark).",
            "Correct the accounts, then unpark them (mailboxes unpark; POST mailboxes/unpark)."))
            yield return parked;
    }

    private static IEnumerable<Advice> OfPauses(ControlState control)
    {
        const string Action = "Resume when it may continue (resume; POST control/resume).";
        if (control.Everything is not null)
            yield return new("paused", "Everything is paused.", Action);
        if (control.Consumers is not null)
            yield return new("paused", "The consumers are paused.", Action);
        string[] mailboxes = [.. control.Mailboxes.Keys.Order(StringComparer.Ordinal)];
        const string ActionForMany = "Resume when they may continue (resume; POST control/resume).";
        foreach (var paused in OfMailboxes("paused", mailboxes, "is paused.", "are paused.", Action, ActionForMany))
            yield return paused;
    }

    private static IEnumerable<Advice> OfMailboxes(
        string code, string[] names, string isSo, string areSo, string action, string actionForMany)
    {
        if (names.Length <= Few)
            return names.Select(name => new Advice(code, $"Mailbox {name} {isSo}", action));
        var text = string.Create(CultureInfo.InvariantCulture, $"{names.Length:N0} mailboxes {areSo}");
        return [new Advice(code, text, $"{actionForMany} GET status lists them.")];
    }
}
