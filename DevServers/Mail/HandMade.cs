using System.Globalization;
using System.Text;

namespace EmailIngestion.DevServers.Mail;

/// <summary>Mail put together line by line, where no library would write it that way.</summary>
internal static class HandMade
{
    /// <summary>Header lines, an empty line and a body; <c>Date</c> and <c>Message-ID</c> are added.</summary>
    public static byte[] Message(DemoDraft draft, IEnumerable<string> headers, string body) => Bytes(string.Join(
        '\n',
        [$"Date: {Date(draft)}", $"Message-ID: <{draft.MessageId}>", "MIME-Version: 1.0", .. headers, "", body]));

    /// <summary>Lines as IMAP wants them, whatever they ended with here.</summary>
    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(
        text.ReplaceLineEndings("\r\n").Replace("\0", "", StringComparison.Ordinal));

    public static string Date(DemoDraft draft) =>
        draft.Date.UtcDateTime.ToString("ddd, dd MMM yyyy HH':'mm':'ss '+0000'", CultureInfo.InvariantCulture);
}
