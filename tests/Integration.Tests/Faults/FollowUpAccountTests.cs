using EmailIngestion.Faults;
using EmailIngestion.Faults.FollowUps;
using EmailIngestion.Mailboxes.FollowUps;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Faults;

/// <summary>A server without UIDPLUS: an email stays in the inbox with <c>\Deleted</c>, and its copy is elsewhere.</summary>
public sealed class FollowUpAccountTests
{
    private const string Mailbox = "user@example.test/INBOX";

    private static readonly DateTimeOffset At = DateTimeOffset.UnixEpoch;

    private static readonly MailboxPlan Plan =
        new(new FollowUp(FollowUpKind.Move, "Processed"), new FollowUp(FollowUpKind.Delete), HidesMove: true, HidesUidPlus: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_replayed_dead_letter_may_have_a_copy_or_none(bool isCopied)
    {
        var account = Of(isReplayed: true, isCopied ? [InInbox(1), Copy("")] : [InInbox(1)]);

        Assert.Empty(account.Troubles);
    }

    [Fact]
    public void A_completed_email_must_have_a_copy()
    {
        Assert.Empty(Of(isReplayed: false, InInbox(1), Copy("")).Troubles);
        Assert.Single(Of(isReplayed: false, InInbox(1)).Troubles);
    }

    [Theory]
    [InlineData(@"\Deleted")]
    [InlineData(@"\Seen")]
    public void A_copy_has_the_flags_that_the_email_had_before(string flags)
    {
        var trouble = Assert.Single(Of(isReplayed: false, InInbox(1), Copy(flags)).Troubles);

        Assert.Contains($"and in Processed with {flags}, and not", trouble, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_copy_is_a_trouble() =>
        Assert.Contains(
            "once more", Assert.Single(Of(isReplayed: false, InInbox(1), Copy(""), Copy("")).Troubles), StringComparison.Ordinal);

    [Theory]
    [InlineData(true, "")]
    [InlineData(false, "")]
    [InlineData(false, @"\Deleted")]
    public void A_follow_up_may_end_in_its_middle_when_Redis_has_lost_its_note(bool isKept, string flags)
    {
        var plan = Plan with { HidesUidPlus = isKept };
        StoredEmail[] stored = [new(1, 0, new EmailPlace(MailboxPlan.Inbox, flags)), Copy("")];

        Assert.NotEmpty(Of(plan, isReplayed: false, isLost: false, stored).Troubles);
        var account = Of(plan, isReplayed: false, isLost: true, stored);
        Assert.Empty(account.Troubles);
        Assert.Equal(1, account.Left);
    }

    [Fact]
    public void A_follow_up_that_was_cut_when_Redis_lost_its_note_may_leave_one_more_copy()
    {
        StoredEmail[] once = [InInbox(1), Copy(""), Copy("")];

        Assert.NotEmpty(Of(Plan, isReplayed: false, isLost: false, once).Troubles);
        var account = Of(Plan, isReplayed: false, isLost: true, once);
        Assert.Empty(account.Troubles);
        Assert.Equal(1, account.CopiedAgain);
        Assert.Single(Of(Plan, isReplayed: false, isLost: true, [.. once, Copy("")]).Troubles);
    }

    private static FollowUpAccount Of(bool isReplayed, params StoredEmail[] stored) => Of(Plan, isReplayed, isLost: false, stored);

    private static FollowUpAccount Of(MailboxPlan plan, bool isReplayed, bool isLost, StoredEmail[] stored)
    {
        var outcomes = new Outcomes();
        outcomes.Add([new Effect(Mailbox, 1, 0, "id", "consumer-1", At, At)]);
        if (isReplayed)
            outcomes.AddLost([(Mailbox, 1)]);
        HashSet<(string, uint, NoteOutcome)> lost = isLost ? [(Mailbox, 1u, NoteOutcome.Completed)] : [];
        return FollowUpAccount.Of([(Mailbox, 1, 0)], plan, stored, outcomes, lost);
    }

    private static StoredEmail InInbox(uint uid) => new(uid, 0, new EmailPlace(MailboxPlan.Inbox, @"\Deleted"));

    private static StoredEmail Copy(string flags) => new(1, 0, new EmailPlace("Processed", flags));
}
