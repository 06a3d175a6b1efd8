using EmailIngestion.Mailboxes;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public sealed class MailboxMemoryTests
{
    private static readonly DateTimeOffset Seen = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly MailboxMemory _memory = In("");

    [Fact]
    public void Entries_that_all_groups_have_passed_are_settled()
    {
        Note(last: 50, place: "5-0", needed: "5-1");

        Assert.Equal((50u, 50u), (_memory.Hint!.Last, _memory.Hint.Settled));
    }

    // The cursor was read before Redis lost its data, and the progress after a consumer had made the stream again.
    [Fact]
    public void An_emptied_stream_settles_nothing()
    {
        Note(last: 50, place: "5-0", needed: "4-0");

        Note(last: 50, place: "0-0", needed: "0-1");

        Assert.Equal((50u, null), (_memory.Hint!.Last, _memory.Hint.Settled));
    }

    // As before, and the emails of another mailbox are appended and settled already.
    [Theory]
    [InlineData(null, null, null)]
    [InlineData(0, 0, 49)]
    [InlineData(1, 0, 50)]
    [InlineData(0, 1, 50)]
    public void A_stream_to_which_its_emails_were_not_appended_settles_nothing(int? epoch, int? laterSince, int? uid)
    {
        Note(last: 50, place: "5-0", needed: "4-0");

        Note(last: 50, place: "9-0", needed: "9-1", epoch, laterSince, uid);
        Assert.Equal((50u, null), (_memory.Hint!.Last, _memory.Hint.Settled));
        Note(last: 50, place: "9-0", needed: "9-0");
        Assert.Null(_memory.Hint.Settled);
    }

    // Another process has started the mailbox again after a loss: the places that are known are those of the lost stream.
    [Fact]
    public void What_was_noted_before_the_mailbox_was_started_again_settles_nothing()
    {
        Note(last: 50, place: "5-0", needed: "4-0");

        Note(last: 52, place: "9-0", needed: "8-0", since: Seen.AddHours(1));

        Assert.Equal((52u, null), (_memory.Hint!.Last, _memory.Hint.Settled));
    }

    // Only the old primary had the entries up to 50. They are appended again, and wait.
    [Fact]
    public void A_cursor_that_a_failover_set_back_sets_back_what_counts_as_settled()
    {
        Note(last: 50, place: "5-0", needed: "5-1");

        Note(last: 30, place: "6-0", needed: "4-0");
        Assert.Equal((30u, 30u), (_memory.Hint!.Last, _memory.Hint.Settled));

        Note(last: 50, place: "9-0", needed: "7-0");
        Assert.Equal((50u, 30u), (_memory.Hint!.Last, _memory.Hint.Settled));
    }

    // After a kill the next process, and one that runs beside it, know that the mailbox was polled before.
    [Fact]
    public void The_first_hint_of_an_epoch_is_on_disk_at_once_for_every_process_of_the_folder()
    {
        var folder = Directory.CreateTempSubdirectory("hints-").FullName;
        try
        {
            var (one, other) = (In(folder), In(folder));
            Assert.Null(other.Hint);

            one.Start(new EpochStart(0, 1, 50, Seen), null);

            Assert.Equal(50u, other.Hint?.Last);
            Assert.Equal(50u, In(folder).Hint?.Last);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static MailboxMemory In(string folder) => new(
        "a/INBOX",
        new HintFiles(Options.Create(new PollingOptions { HintFolder = folder }), TimeProvider.System, NullLogger<HintFiles>.Instance));

    private void Note(uint last, string place, string needed, DateTimeOffset? since = null) =>
        Note(last, place, needed, epoch: 0, laterSince: 0, uid: (int)last, since);

    // The numbers are those of the cursor that Redis has with this progress.
    private void Note(
        uint last, string place, string needed, int? epoch, int? laterSince, int? uid, DateTimeOffset? since = null)
    {
        var began = since ?? Seen;
        _memory.Note(
            new MailboxCursor(0, 1, last, began, Seen, Seen.AddDays(1), null, 0), last,
            new StreamProgress(
                EntryPosition.Parse(needed), EntryPosition.Parse(place), epoch, began.ToUnixTimeMilliseconds() + laterSince, uid));
    }
}
