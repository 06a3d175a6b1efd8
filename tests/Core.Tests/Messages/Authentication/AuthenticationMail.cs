using EmailIngestion.Messages;

namespace EmailIngestion.Core.Tests.Messages.Authentication;

/// <summary>Reads the authentication results of emails with given fields at the top.</summary>
internal static class AuthenticationMail
{
    public const string Server = "mx.example.org";

    /// <summary>The fields of a sender.</summary>
    public const string Sent = "From: a@sender.test\nTo: user@example.org\nSubject: x\nMIME-Version: 1.0\n";

    /// <summary>The field of the server that received the email from outside.</summary>
    public const string Edge =
        "Received: from mail.sender.test (mail.sender.test [203.0.113.5])\n"
        + "\tby mx.example.org with ESMTPS id 1; Thu, 1 Jan 2026 10:20:30 +0000\n";

    public static ParsedAuthentication? Read(string fields, string? server = Server, string sent = Sent)
    {
        var message = Mail.Of((fields + sent + "\nHello\n").ReplaceLineEndings("\r\n"));
        message.Begin(new ReadingSettings { AuthenticationServer = server }, CancellationToken.None);
        return message.Parsed.Authentication;
    }

    /// <summary>A field of this server with these results.</summary>
    public static string Field(string results, string server = Server) => $"Authentication-Results: {server};\n {results}\n";
}
