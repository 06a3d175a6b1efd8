using System.Globalization;
using System.Text;

namespace EmailIngestion.DevServers.Mail;

/// <summary>Builds mail line by line, for mail that a library would not write.</summary>
internal static class HandMade
{
    /// <summary>Writes header lines, an empty line and a body. Adds <c>Date</c> and <c>Message-ID</c>.</summary>
    public static byte[] Message(DemoDraft draft, IEnumerable<string> headers, string body) => Bytes(string.Join(
        '\n',
        [$"Date: {Date(draft)}", $"Message-ID: <{draft.MessageId}>", "MIME-Version: 1.0", .. headers, "", body]));

    /// <summary>Converts every line end to CRLF, as IMAP requires.</summary>
    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(
        text.ReplaceLineEndings("\r\n").Replace("\0", "", StringComparison.Ordinal));

    public static string Date(DemoDraft draft) =>
        draft.Date.UtcDateTime.ToString("ddd, dd MMM yyyy HH':'mm':'ss '+0000'", CultureInfo.InvariantCulture);
}
