using CsCheck;
using EmailIngestion.Consuming;
using Xunit;

namespace EmailIngestion.Core.Tests.Consuming;

public sealed class DependencyWatchTests
{
    private readonly DependencyWatch _watch = new();

    // Each line is a sequence of events. "+": an email is processed. "a", "b": the delivery of email a or b fails. "A", "B": the same, and
    // the failure is the email's own and counts.
    [Theory]
    [InlineData("a a a a a a", "an outage with one email")]
    [InlineData("+ + a a a a a a", "an outage with one email, after better times")]
    [InlineData("+ a b c a b c a b c", "an outage with a few emails")]
    [InlineData("a + A A A A A", "an email that fails after another was processed, and then fails with no other")]
    [InlineData("+ a + A + A + A + A", "one that fails among others that are processed")]
    [InlineData("a + A b a b a", "one that fails, and then all do: an outage")]
    [InlineData("a b + A b + B a + A", "two that fail among others: each counts now and then")]
    [InlineData("a a + b + B + A A", "the first failure of each says nothing")]
    public void A_failure_counts_where_others_are_processed_and_none_fails(string events, string scenario)
    {
        foreach (var one in events.Split(' '))
        {
            if (one == "+")
                _watch.Worked();
            else
                Assert.True(_watch.IsOwn(one.ToLowerInvariant(), _watch.Begin()) == char.IsUpper(one[0]), $"{scenario}: {events}");
        }
    }

    [Fact]
    public void A_success_during_an_emails_first_failure_counts_against_that_email()
    {
        var began = _watch.Begin();
        _watch.Worked();
        Assert.True(_watch.IsOwn("a", began));
        Assert.True(_watch.IsOwn("a", _watch.Begin()));
    }

    [Fact]
    public void When_an_outage_begins_only_the_first_failure_counts_against_its_email()
    {
        var began = _watch.Begin();
        _watch.Worked();
        Assert.True(_watch.IsOwn("a", began));
        for (var delivery = 0; delivery < 10; delivery++)
            Assert.All(["b", "a", "c"], entry => Assert.False(_watch.IsOwn(entry, began)));
    }

    // Without a success, at most the first failure of one email counts, whatever happened before.
    [Fact]
    public void In_an_outage_at_most_one_email_is_counted() =>
        Gen.Select(Gen.Char["abc+"].Array[0, 30], Gen.Char["abc"].Array[2, 30]).Sample(
        (before, outage) =>
        {
            var watch = new DependencyWatch();
            foreach (var one in before)
                Happen(watch, one);
            watch.Worked();
            var own = outage.Where(entry => Happen(watch, entry)).ToArray();
            Assert.InRange(own.Distinct().Count(), 0, 1);
            // It counts only until a second email fails.
            Assert.Equal(own.Length, outage.TakeWhile(entry => entry == outage[0]).Count(entry => own.Contains(entry)));
        },
        iter: 2_000);

    [Fact]
    public void It_remembers_a_bounded_number_of_emails()
    {
        _watch.IsOwn("first", _watch.Begin());
        for (var entry = 0; entry < 10_000; entry++)
            _watch.IsOwn($"{entry}", _watch.Begin());
        _watch.Worked();
        // The watch has dropped this email, so its next failure is treated as its first.
        Assert.False(_watch.IsOwn("first", _watch.Begin()));
        _watch.Worked();
        Assert.True(_watch.IsOwn("9999", _watch.Begin()));
    }

    private static bool Happen(DependencyWatch watch, char one)
    {
        if (one != '+')
            return watch.IsOwn($"{one}", watch.Begin());
        watch.Worked();
        return false;
    }
}
