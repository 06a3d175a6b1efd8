using EmailIngestion.Operations.Status;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;
using Xunit;

namespace EmailIngestion.Core.Tests.Operations;

public sealed class MailboxConditionTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);
    private static readonly ControlMark Mark = new(Now.AddHours(-1), "ops", "Migration");

    [Fact]
    public void A_pause_comes_before_everything_else()
    {
        var mailbox = Mailbox() with { IsPolling = true, IsParked = true };
        var control = new ControlState { Mailboxes = new Dictionary<string, ControlMark> { ["ann/INBOX"] = Mark } };
        Assert.Equal(
            new MailboxCondition("paused", "Paused since 2026-01-02 11:00:00 UTC by ops: Migration.", null),
            MailboxCondition.Of(mailbox, control, Now));
        Assert.StartsWith(
            "Everything is paused since", MailboxCondition.Of(mailbox, new ControlState { Everything = Mark }, Now).Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_back_off_has_its_end_and_its_reason()
    {
        var until = Now.AddMinutes(3);
        Assert.Equal(
            new MailboxCondition("backing off", "Backing off until 2026-01-02 12:03:00 UTC: No answer.", until),
            Of(Mailbox() with { Error = "No answer.", Until = until }));
    }

    [Fact]
    public void A_back_off_that_is_over_is_a_wait_with_the_last_error()
    {
        var condition = Of(Mailbox() with { Error = "No answer", Until = Now.AddSeconds(-1) });
        Assert.Equal(
            ("waiting", "Waiting for the next poll by the timer; not polled yet; the last poll failed: No answer.", null),
            (condition.State, condition.Text, condition.Until));
    }

    [Fact]
    public void A_parked_mailbox_says_why()
    {
        var condition = Of(Mailbox() with { Error = "The secret is wrong.", IsParked = true, Until = Now.AddHours(1) });
        Assert.Equal(
            ("parked", "Parked until 2026-01-02 13:00:00 UTC, because its sign-in is refused: The secret is wrong."),
            (condition.State, condition.Text));
    }

    [Fact]
    public void Polling_watching_and_waiting_differ()
    {
        Assert.Equal("polling", Of(Mailbox() with { IsPolling = true, IsWatched = true }).State);
        Assert.Equal(
            "Watching for new mail; last poll at 2026-01-02 11:59:00 UTC.",
            Of(Mailbox() with { IsWatched = true, PolledAt = Now.AddMinutes(-1) }).Text);
        Assert.Equal("waiting", Of(Mailbox()).State);
    }

    [Theory]
    [InlineData(11u, 7u, 3L)]
    [InlineData(8u, 7u, 0L)]
    [InlineData(3u, 7u, 0L)]
    [InlineData(null, 7u, null)]
    [InlineData(11u, null, null)]
    [InlineData(0u, 7u, null)]
    public void Behind_counts_the_uids_above_the_cursor(uint? next, uint? last, long? behind) =>
        Assert.Equal(behind, (Mailbox() with { UidNext = next, Last = last }).Behind);

    private static MailboxCondition Of(MailboxSnapshot mailbox) => MailboxCondition.Of(mailbox, ControlState.Initial, Now);

    private static MailboxSnapshot Mailbox() => new("ann/INBOX", 7, 7, null, null, null, null);
}
