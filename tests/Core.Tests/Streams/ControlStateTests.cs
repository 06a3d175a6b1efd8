using EmailIngestion.Streams.Control;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class ControlStateTests
{
    private const string Ann = "ann@example.org/INBOX";
    private const string Mark = """{"at":1700000000000,"who":"default","reason":"Migration"}""";

    private static readonly ControlMark Paused =
        new(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000), "default", "Migration");

    [Fact]
    public void A_pause_of_everything_pauses_consumers_and_each_mailbox()
    {
        var state = ControlState.Read([new("everything", Mark)]);
        Assert.Equal((Paused, Paused), (state.ConsumersPause, state.PauseOf(Ann)));
    }

    [Fact]
    public void A_pause_of_one_mailbox_pauses_no_other_and_no_consumer()
    {
        var state = ControlState.Read([new($"mailbox:{Ann}", Mark)]);
        Assert.Equal((Paused, null, null), (state.PauseOf(Ann), state.PauseOf("bob/INBOX"), state.ConsumersPause));
    }

    [Fact]
    public void A_pause_of_consumers_pauses_no_mailbox()
    {
        var state = ControlState.Read([new("consumers", Mark)]);
        Assert.Equal((Paused, null), (state.ConsumersPause, state.PauseOf(Ann)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("yes")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("""{"at":-1,"who":"x"}""")]
    [InlineData("""{"at":9223372036854775807,"who":"x"}""")]
    public void A_value_that_somebody_wrote_by_hand_counts_as_absent(string value)
    {
        var state = ControlState.Read([new("everything", value), new("consumers", Mark), new("concurrency", value)]);
        Assert.Equal((null, Paused, null), (state.Everything, state.Consumers, state.Concurrency));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(1_000, true)]
    [InlineData(0, false)]
    [InlineData(1_001, false)]
    public void A_concurrency_is_between_1_and_1000(int value, bool counts)
    {
        var state = ControlState.Read([new("concurrency", $$"""{"at":1,"who":"x","number":{{value}}}""")]);
        Assert.Equal(counts ? value : null, state.Concurrency?.Value);
    }

    [Fact]
    public void Requests_differ_from_pauses_by_their_prefix()
    {
        HashEntry[] hash = [new("poll:mailbox:x", Mark), new("unpark:everything", Mark), new("other:x", Mark)];
        var state = ControlState.Read(hash);
        Assert.Equal(
            ("mailbox:x", "everything", 0),
            (Assert.Single(state.Polls).Mailbox, Assert.Single(state.Unparks).Mailbox, state.Mailboxes.Count));
    }
}
