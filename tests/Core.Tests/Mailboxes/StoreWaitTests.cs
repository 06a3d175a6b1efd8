using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>Tests what the waits for a store of bodies explain.</summary>
public sealed class StoreWaitTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(1, 6, false)]
    [InlineData(6, 4, false)]
    [InlineData(6, 5, true)]
    [InlineData(30, 1, true)]
    public void Waits_of_half_a_deadline_explain_it(int seconds, int waits, bool isExplained)
    {
        var wait = new StoreWait(new SteppingTime(TimeSpan.FromSeconds(seconds)));

        for (var i = 0; i < waits; i++)
            wait.For(Task.CompletedTask, CancellationToken.None);

        Assert.Equal(isExplained, wait.ExplainsDeadline(Deadline));
    }

    [Fact]
    public void A_deadline_during_a_wait_is_explained()
    {
        var wait = new StoreWait(new SteppingTime(TimeSpan.FromSeconds(1)));
        var cancelled = new CancellationToken(canceled: true);

        Assert.ThrowsAny<OperationCanceledException>(() => wait.For(Task.FromCanceled(cancelled), cancelled));

        Assert.True(wait.ExplainsDeadline(Deadline));
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    public void A_long_wait_explains_a_cut_of_its_email(int seconds, bool isExplained)
    {
        var wait = new StoreWait(new SteppingTime(TimeSpan.FromSeconds(seconds)));

        wait.For(Task.CompletedTask, CancellationToken.None);
        wait.For(Task.CompletedTask, CancellationToken.None);

        Assert.Equal(isExplained, wait.ExplainsCut);
        wait.Begin();
        Assert.False(wait.ExplainsCut);
    }
}
