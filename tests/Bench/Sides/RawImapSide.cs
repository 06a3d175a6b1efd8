using System.Net.Sockets;
using System.Text;
using EmailIngestion.Load;

namespace EmailIngestion.Bench.Sides;

/// <summary>
/// Measures the limit of the mail server: requests every body and only reads the socket until the server reports completion.
/// </summary>
internal static class RawImapSide
{
    public const string Name = "imap-raw";

    public static Task<SideResult> RunAsync(int port, int count, int size)
    {
        var stopper = new Stopper(null);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect("127.0.0.1", port);
        var buffer = new byte[256 * 1024];
        Run(socket, buffer, null, "* OK");
        Run(socket, buffer, $"a1 LOGIN {LoadMail.User} {PollSide.Password}\r\n", "a1 OK");
        Run(socket, buffer, "a2 EXAMINE INBOX\r\n", "a2 OK");
        var bytes = Run(socket, buffer, "a3 UID FETCH 1:* (UID RFC822.SIZE INTERNALDATE BODY.PEEK[])\r\n", "a3 OK");
        var result = stopper.Result();
        if (bytes < (long)count * size)
            throw new InvalidOperationException($"{bytes} bytes were read; {count} emails of {size} bytes need more.");
        return Task.FromResult(result);
    }

    private static long Run(Socket socket, byte[] buffer, string? command, string until)
    {
        if (command is not null)
            socket.Send(Encoding.ASCII.GetBytes(command));
        var end = Encoding.ASCII.GetBytes(until);
        var kept = 0;
        long all = 0;
        while (true)
        {
            var read = socket.Receive(buffer, kept, buffer.Length - kept, SocketFlags.None);
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
