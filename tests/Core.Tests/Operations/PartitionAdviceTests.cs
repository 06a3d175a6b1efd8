using EmailIngestion.Operations.Status;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Control;
using Xunit;

namespace EmailIngestion.Core.Tests.Operations;

public sealed class PartitionAdviceTests
{
    private static readonly ControlMark Mark = new(DateTimeOffset.UnixEpoch, "ops", null);

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "1 dead letter waits for a decision.")]
    [InlineData(2, "2 dead letters wait for a decision.")]
    [InlineData(12_001, "12,001 dead letters wait for a decision.")]
    public void Dead_letters_are_counted_in_words(long count, string? text) =>
        Assert.Equal(text, Of(Snapshot() with { DeadLetters = count }).SingleOrDefault()?.Text);

    [Theory]
    [InlineData(1, "Mailbox m0 is parked: its sign-in is refused.", "Correct the account, then unpark it", "Resume when it may")]
    [InlineData(3, "Mailbox m0 is parked: its sign-in is refused.", "Correct the account, then unpark it", "Resume when it may")]
    [InlineData(
        3_000, "3,000 mailboxes are parked: their sign-in is refused.", "Correct the accounts, then unpark them", "Resume when they may")]
    public void Many_mailboxes_in_one_state_are_one_advice(int count, string text, string unpark, string resume)
    {
        string[] names = [.. Enumerable.Range(0, count).Select(number => $"m{number}")];
        var parked = Of(Snapshot() with { Mailboxes = [.. names.Select(Parked)] });
        Assert.Equal(count > 3 ? 1 : count, parked.Count);
        Assert.Equal(("parked", text), (parked[0].Code, parked[0].Text));
        Assert.StartsWith($"{unpark} (mailboxes unpark; ", parked[0].Action, StringComparison.Ordinal);

        var paused = Of(Snapshot(), new ControlState { Mailboxes = names.ToDictionary(name => name, _ => Mark) });
        Assert.Equal(count > 3 ? 1 : count, paused.Count);
        Assert.All(paused, advice => Assert.Equal("paused", advice.Code));
        Assert.StartsWith($"{resume} continue (", paused[0].Action, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.4, "")]
    [InlineData(0.5, "memory-50")]
    [InlineData(0.75, "memory-75")]
    [InlineData(0.95, "memory-90")]
    public void Memory_is_advised_at_50_75_and_90_percent(double ratio, string code)
    {
        var memory = new RedisMemory((long)(ratio * 1000), 1000, "noeviction", null);
        var advice = PartitionAdvice.Of(Snapshot() with { Memory = memory }, new());
        Assert.Equal(code, string.Join(',', advice.Select(one => one.Code)));
    }

    [Fact]
    public void Each_condition_is_advised_with_what_to_do()
    {
        var snapshot = Snapshot() with
        {
            Memory = new RedisMemory(1, 0, "allkeys-lru", null),
            PersistenceWarning = "Nothing on disk.",
            WritesAlone = true,
            IsLagKnown = false,
            DeadLetters = 3,
            Mailboxes = [Parked("ann/INBOX")],
        };
        var advice = PartitionAdvice.Of(snapshot, new ControlState { Everything = Mark, Consumers = Mark }).ToArray();
        Assert.Equal(
            ["eviction", "persistence-off", "min-replicas", "lag-unknown", "dead-letters", "parked", "paused", "paused"],
            advice.Select(one => one.Code));
        Assert.All(advice, one => Assert.NotEmpty(one.Action));
    }

    private static IReadOnlyList<Advice> Of(StreamSnapshot snapshot, ControlState? control = null) =>
        [.. PartitionAdvice.Of(snapshot, control ?? new ControlState())];

    private static MailboxSnapshot Parked(string name) => new(name, 1, 1, null, "Refused.", null, null) { IsParked = true };

    private static StreamSnapshot Snapshot() => new()
    {
        Partition = "",
        Lag = 0,
        Pending = 0,
        Length = 0,
        OldestAge = null,
        DeadLetters = 0,
        Memory = new RedisMemory(1, 0, "noeviction", null),
        Consumers = [],
        Mailboxes = [],
    };
}
