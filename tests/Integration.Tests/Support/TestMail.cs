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

    public static IReadOnlyList<byte[]> Many(int count, int first = 1) => [.. Enumerable.Range(first, count).Select(number => Of(number))];
}
