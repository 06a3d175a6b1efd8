using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Downloads;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public sealed class DownloadBudgetTests
{
    [Theory]
    [InlineData("imap.gmail.com", null, null, DownloadBudget.Gmail)]
    [InlineData("IMAP.GoogleMail.com", null, null, DownloadBudget.Gmail)]
    [InlineData("mail.example.org", null, null, 0L)]
    [InlineData("imap.gmail.com", null, 0L, 0L)]
    [InlineData("mail.example.org", null, 1_000L, 1_000L)]
    [InlineData("imap.gmail.com", 5_000L, 0L, 5_000L)]
    [InlineData("imap.gmail.com", 0L, 1_000L, 0L)]
    public void TheLimitIsThatOfTheMailboxOrOfAllOrOfGmail(string host, long? mailbox, long? all, long expected)
    {
        var options = new MailboxOptions { Host = host, Username = "me@example.org", DailyDownloadBytes = mailbox };

        var budget = DownloadBudget.Of(options, new PollingOptions { DailyDownloadBytes = all }, null!);

        Assert.Equal((expected, expected / 10 * 9), (budget.Limit, budget.Most));
    }
}
