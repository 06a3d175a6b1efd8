using EmailIngestion.Mailboxes.Imap;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public sealed class ServerRefusalTests
{
    [Theory]
    // Gmail.
    [InlineData("A00000007 NO [THROTTLED] Account exceeded command or bandwidth limits. (Failure)", true, true, null)]
    [InlineData("A00000002 NO [ALERT] Too many simultaneous connections. (Failure)", true, true, null)]
    [InlineData("A00000005 NO [OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)", true, true, null)]
    [InlineData("A00000002 NO [UNAVAILABLE] Temporary System Error", false, true, null)]
    // Exchange Online.
    [InlineData("A00000009 BAD Request is throttled. Suggested Backoff Time: 299961 milliseconds", true, true, 299.961)]
    [InlineData("* BYE Connection is closed. 13", false, false, null)]
    // RFC 5530.
    [InlineData("A1 NO [INUSE] Mailbox in use", false, true, null)]
    [InlineData("A1 NO [LIMIT] At most 5 connections", true, true, null)]
    [InlineData("A1 NO [SERVERBUG] This should not happen", false, false, null)]
    [InlineData("A1 NO Internal error occurred. Refer to server log for more information.", false, false, null)]
    // Dovecot, Courier and others, at more connections than they allow.
    [InlineData("A1 NO [ALERT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)", true, true, null)]
    [InlineData("* BYE Maximum connection limit reached for 127.0.0.1", true, true, null)]
    [InlineData("* BYE Too many open connections from your host", true, true, null)]
    [InlineData("* BYE Connection limit exceeded", true, true, null)]
    [InlineData("A1 NO Too many arguments", false, false, null)]
    [InlineData("a1 no [throttled] slow down", true, true, null)]
    // One day at most, whatever the server asks for.
    [InlineData("A1 BAD Suggested Backoff Time: 999999999999999 milliseconds", true, true, 86_400.0)]
    public void A_refusal_is_classified_as_throttling_passing_or_of_the_message(string line, bool throttling, bool passing, double? seconds)
    {
        var refusal = ServerRefusal.Read(line)!;

        Assert.Equal((throttling, passing, seconds), (refusal.IsThrottling, refusal.IsPassing, refusal.BackOff?.TotalSeconds));
        Assert.Equal(line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..], refusal.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("A1 OK [THROTTLED] done")]
    [InlineData("* 3 FETCH (UID 3 BODY[] {12}")]
    [InlineData("* OK [ALERT] Too many simultaneous connections soon")]
    [InlineData("+ NO")]
    public void Other_lines_refuse_nothing(string line) => Assert.Null(ServerRefusal.Read(line));

    [Fact]
    public void The_last_line_is_kept_in_whatever_pieces_it_comes()
    {
        using var words = new ServerText(new ResponseWatch("mail.example"));
        var said = System.Text.Encoding.ASCII.GetBytes(new string('x', 3_000) + "\r\n* 1 FETCH ()\r\nA1 NO [THROTTLED] Slow down\r\n");
        foreach (var size in new[] { 1, 7, 1_000, 5_000 })
        {
            words.LogConnect(new Uri("imap://localhost"));
            for (var at = 0; at < said.Length; at += size)
                words.LogServer(said, at, Math.Min(size, said.Length - at));
            Assert.Equal("A1 NO [THROTTLED] Slow down", words.LastLine);
        }
    }

    [Theory]
    [InlineData("* OK still here\r\n* NO Internal error occurred.\r\n", 1)]
    [InlineData("* no [ALERT] quota\r\n* 4 EXISTS\r\n* NO again\r\n", 2)]
    [InlineData("* BYE * NO more\r\n", 0)]
    [InlineData("A1 NO [THROTTLED] Slow down\r\n", 0)]
    public void A_warning_is_noticed_once_in_whatever_pieces_it_comes(string text, int warnings)
    {
        var said = System.Text.Encoding.ASCII.GetBytes(text);
        for (var size = 1; size <= 8; size++)
        {
            using var words = new ServerText(new ResponseWatch("mail.example"));
            var noticed = 0;
            words.Warned += () => noticed++;
            words.LogConnect(new Uri("imap://localhost"));
            for (var at = 0; at < said.Length; at += size)
                words.LogServer(said, at, Math.Min(size, said.Length - at));
            Assert.Equal((size, warnings), (size, noticed));
        }
    }
}
