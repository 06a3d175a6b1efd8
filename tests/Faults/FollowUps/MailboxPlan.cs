using EmailIngestion.Mailboxes.FollowUps;

namespace EmailIngestion.Faults.FollowUps;

/// <summary>What pollers do with the emails of one mailbox after their outcome.</summary>
/// <param name="Completed">The follow-up of a completed email.</param>
/// <param name="DeadLetter">The follow-up of a dead letter.</param>
/// <param name="HidesMove">Whether pollers see a server without MOVE.</param>
/// <param name="HidesUidPlus">Whether they see one without UIDPLUS: emails stay in the inbox with the flag <c>\Deleted</c>.</param>
internal sealed record MailboxPlan(FollowUp Completed, FollowUp DeadLetter, bool HidesMove = false, bool HidesUidPlus = false)
{
    public const string Inbox = "INBOX";

    private const string Processed = "Processed";
    private const string Failed = "Failed";

    /// <summary>The keywords that emails get.</summary>
    public static IReadOnlyList<string> Keywords { get; } = [Processed, Failed];

    /// <summary>The capabilities that pollers do not see.</summary>
    public IEnumerable<string> Hidden
    {
        get
        {
            if (HidesMove)
                yield return "MOVE";
            if (HidesUidPlus)
                yield return "UIDPLUS";
        }
    }

    /// <summary>Mailboxes that are only read.</summary>
    public static IReadOnlyList<MailboxPlan> ReadOnly(int count) =>
        [.. Enumerable.Repeat(new MailboxPlan(FollowUp.None, FollowUp.None), count)];

    /// <summary>A mailbox for each kind of follow-up and of server.</summary>
    public static IReadOnlyList<MailboxPlan> All { get; } =
    [
        new(new(FollowUpKind.Move, Processed), new(FollowUpKind.Move, Failed)),
        new(new(FollowUpKind.Delete), new(FollowUpKind.Flag, Failed)),
        new(new(FollowUpKind.Move, Processed), new(FollowUpKind.Move, Failed), HidesMove: true),
        new(new(FollowUpKind.Move, Processed), new(FollowUpKind.Delete), HidesMove: true, HidesUidPlus: true),
        new(new(FollowUpKind.MarkSeen), new(FollowUpKind.Delete)),
        new(new(FollowUpKind.Flag, Processed), new(FollowUpKind.MarkSeen)),
    ];
}
