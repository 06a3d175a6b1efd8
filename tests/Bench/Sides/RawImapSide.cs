using System.Text;

namespace EmailIngestion.Bench.Sides;

/// <summary>
/// Measures the limit of the mail server: requests every body and only reads the socket, or the TLS stream, until the server reports
/// completion.
/// </summary>
internal static class RawImapSide
{
    public const string Name = "imap-raw";

    public static Task<SideResult> RunAsync(ImapAddress mail, int megabytes)
    {
        // Like the product, the reader is compiled before it is measured.
        Read(mail, megabytes);
        return Task.FromResult(Read(mail, megabytes));
    }

    private static SideResult Read(ImapAddress mail, int megabytes)
    {
        var stopper = new Stopper(null);
        using var stream = BareConnection.Connect(mail.Port, mail.Authority);
        var buffer = new byte[256 * 1024];
        Run(stream, buffer, null, "* OK");
        Run(stream, buffer, $"a1 LOGIN {mail.User} {PollSide.Password}\r\n", "a1 OK");
        Run(stream, buffer, "a2 EXAMINE INBOX\r\n", "a2 OK");
        var bytes = Run(stream, buffer, "a3 UID FETCH 1:* (UID RFC822.SIZE INTERNALDATE BODY.PEEK[])\r\n", "a3 OK");
        var result = stopper.Result();
        return bytes >= megabytes * 1_000_000L
            ? result
            : throw new InvalidOperationException($"{bytes} bytes were read; the emails have more than {megabytes} MB.");
    }

    private static long Run(Stream stream, byte[] buffer, string? command, string until)
    {
        if (command is not null)
            stream.Write(Encoding.ASCII.GetBytes(command));
        var end = Encoding.ASCII.GetBytes(until);
        var kept = 0;
        long all = 0;
        while (true)
        {
            var read = stream.Read(buffer, kept, buffer.Length - kept);
            if (read == 0)
                throw new IOException("The mail server closed the connection.");
            all += read;
            // Only the last lines matter, because the answer ends there.
            var tail = buffer.AsSpan(Math.Max(0, kept + read - 4_096), Math.Min(4_096, kept + read));
            if (tail.IndexOf(end) >= 0 && buffer[kept + read - 1] == '\n')
                return all;
            kept = Math.Min(64, kept + read);
            tail[^kept..].CopyTo(buffer);
        }
    }
}
