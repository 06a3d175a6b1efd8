using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class MailboxCursorTests
{
    [Theory]
    [InlineData(1, null, 0, true)]
    [InlineData(1, 7u, 1, true)]
    [InlineData(2, null, 0, false)]
    [InlineData(2, 7u, 1, true)]
    [InlineData(2, 8u, 1, false)]
    [InlineData(3, 7u, 1, false)]
    [InlineData(3, 7u, 2, true)]
    [InlineData(3, 7u, 9, true)]
    public void The_stop_before_a_uid_that_reaches_the_attempts_is_the_last(int attempts, uint? missing, int stops, bool expected)
    {
        var cursor = new MailboxCursor(0, 1, 6, default, default, null, missing, stops);

        Assert.Equal(expected, cursor.IsLastAttempt(7, attempts));
    }
}
