using EmailIngestion.Mailboxes.Imap;
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
        var advice = SignInAdvice.ForPassword(host, ServerRefusal.Read("a1 NO [AUTHENTICATIONFAILED] Invalid credentials"));

        if (says is null)
            Assert.Null(advice);
        else
            Assert.StartsWith(says, advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a1 NO LOGIN failed.", true)]
    [InlineData("a1 NO [ALERT] Application-specific password required", true)]
    [InlineData("a1 NO [UNAVAILABLE] Temporary System Error", false)]
    [InlineData("a1 NO [inuse] try later", false)]
    [InlineData("a1 NO Too many simultaneous connections", false)]
    [InlineData("* OK [CAPABILITY IMAP4rev1 AUTH=X-ODD] ready", false)]
    public void A_refusal_that_says_nothing_about_the_password_has_no_advice(string line, bool hasAdvice) =>
        Assert.Equal(hasAdvice, SignInAdvice.ForPassword("imap.gmail.com", ServerRefusal.Read(line)) is not null);
}
