using System.Text.Json;
using EmailIngestion.Operations;
using EmailIngestion.Operations.Bulk;
using EmailIngestion.Operations.Jobs;
using EmailIngestion.Streams.Dlq;
using EmailIngestion.Streams.Jobs;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Core.Tests.Operations;

public sealed class JobOrderTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static readonly DeadLetterFilter Ann = new() { Mailbox = "ann/INBOX" };
    private static readonly DeadLetterFilter Bob = new() { Mailbox = "bob/INBOX" };

    private static readonly IJobKind[] Kinds =
        [new ReplayJob(Options.Create(new OperationsOptions()), TimeProvider.System), new PurgeJob(TimeProvider.System)];

    [Fact]
    public void The_oldest_job_is_next() =>
        AssertNext(0, Replay(Ann, JobState.Queued), Purge(Bob, JobState.Queued));

    [Fact]
    public void A_job_whose_process_has_died_is_next() =>
        AssertNext(0, Replay(Ann, JobState.Running), Purge(Bob, JobState.Queued));

    [Fact]
    public void A_job_that_waits_lets_one_of_other_dead_letters_go_first() =>
        AssertNext(1, Replay(Ann, JobState.Waiting), Purge(Bob, JobState.Queued));

    [Fact]
    public void Of_jobs_that_wait_the_oldest_is_next() =>
        AssertNext(0, Replay(Ann, JobState.Waiting), Replay(Bob, JobState.Waiting));

    [Fact]
    public void A_purge_does_not_overtake_a_replay_of_the_same_dead_letters()
    {
        AssertNext(0, Replay(Ann, JobState.Waiting), Purge(Ann, JobState.Queued));
        AssertNext(0, Replay(DeadLetterFilter.All, JobState.Waiting), Purge(Ann, JobState.Queued));
        AssertNext(0, Replay(Ann, JobState.Waiting), Purge(new() { Text = "invoice" }, JobState.Queued));
    }

    [Fact]
    public void A_purge_overtakes_a_replay_in_what_the_replay_has_decided_or_does_not_select()
    {
        var replay = Replay(DeadLetterFilter.All, JobState.Waiting) with { Position = "1700000000005-3", Until = "1700000000009-0" };
        // Up to its position, the purge's own end or its filter's.
        AssertNext(1, replay, Purge(Ann, JobState.Queued) with { Until = "1700000000005-3" });
        AssertNext(1, replay, Purge(new() { To = Time(4) }, JobState.Queued) with { Until = "1700000000020-0" });
        AssertNext(0, replay, Purge(Ann, JobState.Queued) with { Until = "1700000000005-4" });
        AssertNext(0, replay, Purge(new() { To = Time(5) }, JobState.Queued) with { Until = "1700000000020-0" });
        // Behind its end.
        AssertNext(1, replay, Purge(new() { From = Time(10) }, JobState.Queued) with { Until = "1700000000020-0" });
        AssertNext(0, replay, Purge(new() { From = Time(9) }, JobState.Queued) with { Until = "1700000000020-0" });
        AssertNext(1, replay, Purge(Ann, JobState.Queued) with { Position = "1700000000009-0", Until = "1700000000020-0" });
        // It selects nothing.
        AssertNext(1, replay, Purge(Ann, JobState.Queued) with { Until = "0-0" });
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("x", "1700000000005-3")]
    [InlineData("1700000000001-0", "x")]
    public void A_place_that_cannot_be_read_is_no_reason_to_overtake(string position, string until) => AssertNext(
        0,
        Replay(Ann, JobState.Waiting) with { Position = position, Until = until },
        Purge(Ann, JobState.Queued) with { Until = "1700000000003-0" });

    [Fact]
    public void A_replay_does_not_overtake_a_purge_that_must_not_overtake_another_replay() =>
        AssertNext(
            0, Replay(Ann, JobState.Waiting), Purge(DeadLetterFilter.All, JobState.Queued), Replay(Bob, JobState.Queued));

    [Fact]
    public void A_replay_overtakes_a_replay_of_the_same_dead_letters() =>
        AssertNext(1, Replay(Ann, JobState.Waiting), Replay(Ann, JobState.Queued));

    [Fact]
    public void A_job_of_a_kind_that_the_process_does_not_run_is_left_to_others()
    {
        var next = JobOrder.Next([Purge(Ann, JobState.Queued), Replay(Ann, JobState.Queued)], [Kinds[0]]);
        Assert.Equal("replay", next!.Value.Job.Kind);
        Assert.Null(JobOrder.Next([Purge(Ann, JobState.Queued)], [Kinds[0]]));
    }

    [Fact]
    public void A_job_that_cannot_be_read_stops_no_other() =>
        AssertNext(1, Replay(Ann, JobState.Waiting) with { Filter = "{" }, Purge(Ann, JobState.Queued));

    public static TheoryData<DeadLetterFilter, DeadLetterFilter, bool> Pairs => new()
    {
        { DeadLetterFilter.All, DeadLetterFilter.All, true },
        { Ann, Bob, false },
        { Ann, new() { Fingerprint = "a" }, true },
        { new() { Fingerprint = "a" }, new() { Fingerprint = "b" }, false },
        { new() { Reason = "permanent" }, new() { Reason = "malformed" }, false },
        { new() { ErrorType = "A" }, new() { ErrorType = "B" }, false },
        { new() { Text = "a" }, new() { Text = "b" }, true },
        { new() { To = Noon }, new() { From = Noon.AddSeconds(1) }, false },
        { new() { To = Noon }, new() { From = Noon }, true },
        // The IDs of dead letters have milliseconds.
        { new() { To = Noon }, new() { From = Noon.AddTicks(1) }, true },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Filters_overlap_unless_no_dead_letter_matches_both(DeadLetterFilter one, DeadLetterFilter other, bool overlap)
    {
        Assert.Equal(overlap, one.MayOverlap(other));
        Assert.Equal(overlap, other.MayOverlap(one));
    }

    private static void AssertNext(int expected, params Job[] open)
    {
        var jobs = open.Select((job, i) => job with { Id = $"{i}" }).ToArray();
        Assert.Equal($"{expected}", JobOrder.Next(jobs, Kinds)!.Value.Job.Id);
    }

    private static DateTimeOffset Time(int milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000 + milliseconds);

    private static Job Replay(DeadLetterFilter filter, string state) => Of("replay", filter, state);

    private static Job Purge(DeadLetterFilter filter, string state) => Of("purge", filter, state);

    private static Job Of(string kind, DeadLetterFilter filter, string state) => new()
    {
        Id = kind,
        Partition = "",
        Kind = kind,
        Filter = JsonSerializer.Serialize(filter, BulkJson.Default.DeadLetterFilter),
        State = state,
        Reason = "",
        Total = 0,
        Done = 0,
        Skipped = 0,
        Failed = 0,
        Who = "ops",
        Created = Noon,
        Process = "",
    };
}
