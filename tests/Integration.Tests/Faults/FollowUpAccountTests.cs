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
        Assert.Contains("once more", Assert.Single(Of(isReplayed: false, InInbox(1), Copy(""), Copy("")).Troubles), StringComparison.Ordinal);

    private static FollowUpAccount Of(bool isReplayed, params StoredEmail[] stored)
    {
        var outcomes = new Outcomes();
        outcomes.Add([new Effect(Mailbox, 1, 0, "id", "consumer-1", At, At)]);
        if (isReplayed)
            outcomes.AddLost([(Mailbox, 1)]);
        return FollowUpAccount.Of([(Mailbox, 1, 0)], Plan, stored, outcomes, new HashSet<(string, uint, NoteOutcome)>());
    }

    private static StoredEmail InInbox(uint uid) => new(uid, 0, new EmailPlace(MailboxPlan.Inbox, @"\Deleted"));

    private static StoredEmail Copy(string flags) => new(1, 0, new EmailPlace("Processed", flags));
}
