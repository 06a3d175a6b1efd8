using EmailIngestion.Mailboxes.SignIn;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes.SignIn;

public sealed class SignInAdviceTests
{
    [Theory]
    [InlineData("imap.gmail.com", "Google accepts an app password only")]
    [InlineData("IMAP.googlemail.com", "Google accepts an app password only")]
    [InlineData("outlook.office365.com", "Microsoft accepts no password")]
    [InlineData("Outlook.Office.com", "Microsoft accepts no password")]
    [InlineData("imap-mail.outlook.com", "Microsoft accepts no password")]
    [InlineData("outlook.office365.us", "Microsoft accepts no password")]
    [InlineData("partner.outlook.cn", "Microsoft accepts no password")]
    [InlineData("mail.example.com", null)]
    [InlineData("myoutlook.com", null)]
    public void The_refusal_of_a_password_says_what_the_provider_wants(string host, string? says)
    {
        var advice = SignInAdvice.OfPassword(host);

        if (says is null)
            Assert.Null(advice);
        else
            Assert.StartsWith(says, advice, StringComparison.Ordinal);
    }
}
