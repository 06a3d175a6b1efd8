using System.Text;

namespace EmailIngestion.Integration.Tests.Processing;

/// <summary>An email with two attachments. The name of the second one points to another folder.</summary>
internal static class MailWithAttachments
{
    public static byte[] Raw { get; } = Encoding.ASCII.GetBytes(
        """
        Subject: Invoice
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="b"

        --b
        Content-Type: text/plain

        See the invoice.
        --b
        Content-Type: application/pdf
        Content-Disposition: attachment; filename="invoice.pdf"
        Content-Transfer-Encoding: base64

        JVBERi0xLjc=
        --b
        Content-Type: text/plain
        Content-Disposition: attachment; filename="../../note.txt"

        A note
        --b--

        """.ReplaceLineEndings("\r\n"));

    public static string[] Contents { get; } = ["%PDF-1.7", "A note"];
}
