using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Imap;
using MailKit.Security;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public class LoginMechanismsTests
{
    private static readonly HashSet<string> Offered = new(
        ["NTLM", "plain", "SCRAM-SHA-256", "XOAUTH2", "CRAM-MD5"], StringComparer.OrdinalIgnoreCase);

    [Fact]
    public void Plain_and_login_come_first_on_a_private_connection() =>
        Assert.Equal(
            ["PLAIN", "LOGIN", "SCRAM-SHA-256", "CRAM-MD5", "NTLM"],
            LoginMechanisms.Order(Offered, null, isPrivate: true, isLoginDisabled: false));

    [Fact]
    public void The_strongest_comes_first_on_any_other_connection() =>
        Assert.Equal(
            ["SCRAM-SHA-256", "CRAM-MD5", "NTLM", "PLAIN"], LoginMechanisms.Order(Offered, "", isPrivate: false, isLoginDisabled: true));

    [Fact]
    public void The_setting_overrules_the_order() =>
        Assert.Equal(["CRAM-MD5"], LoginMechanisms.Order(Offered, "cram-md5", isPrivate: true, isLoginDisabled: false));

    [Fact]
    public void Every_mechanism_that_the_setting_may_name_is_known_to_the_client() =>
        Assert.All(LoginMechanisms.Known, mechanism => Assert.True(SaslMechanism.IsSupported(mechanism), mechanism));

    [Theory]
    [InlineData(MailboxSecurity.Tls, "mail.example", true)]
    [InlineData(MailboxSecurity.StartTls, "mail.example", true)]
    [InlineData(MailboxSecurity.None, "mail.example", false)]
    [InlineData(MailboxSecurity.None, "localhost", true)]
    [InlineData(MailboxSecurity.None, "::1", true)]
    public void A_connection_is_private_with_TLS_and_within_this_machine(MailboxSecurity security, string host, bool isPrivate) =>
        Assert.Equal(isPrivate, LoginMechanisms.IsPrivate(new MailboxOptions { Security = security, Host = host }));
}
