using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class ByteBudgetTests
{
    [Fact]
    public async Task A_fetch_that_hangs_does_not_hold_up_other_partitions()
    {
        using var budget = new ByteBudget(ByteBudget.DefaultLimit);
        Assert.True(await budget.EnterAsync(TestContext.Current.CancellationToken));

        Assert.False(await budget.EnterAsync(TestContext.Current.CancellationToken));

        budget.Exit();
        Assert.True(await budget.EnterAsync(TestContext.Current.CancellationToken));
    }
}
