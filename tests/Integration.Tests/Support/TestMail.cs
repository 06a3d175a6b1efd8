using System.Globalization;
using System.Text;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Small mails that differ by a number.</summary>
internal static class TestMail
{
    public static byte[] Of(int number, string body = "Hello.\r\n") => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"From: sender@example.org\r\nTo: demo@example.test\r\nMessage-ID: <{number}@example.org>\r\n"
        + $"Subject: Mail {number}\r\n\r\n{body}"));

    /// <summary>A mail of exactly this length, whose lines all differ.</summary>
    public static byte[] Large(int number, int length)
    {
        var mail = new MemoryStream(length + 32);
        mail.Write(Of(number, ""));
        for (var line = 0; mail.Length < length; line++)
            mail.Write(Encoding.ASCII.GetBytes($"Line {line:D9} of mail {number}, and so on and so forth.\r\n"));
        return mail.ToArray()[..length];
    }

    public static IReadOnlyList<byte[]> Many(int count, int first = 1) => [.. Enumerable.Range(first, count).Select(number => Of(number))];
}
