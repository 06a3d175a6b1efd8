namespace EmailIngestion.DevServers.Mail;

/// <summary>Mail that violates the standards, as mailboxes also hold it.</summary>
internal static class BrokenMail
{
    public static readonly (string Kind, Func<DemoDraft, byte[]> Build)[] Kinds =
    [
        ("not-a-mail", NotAMail), ("missing-boundary", MissingBoundary), ("never-closed", NeverClosed),
        ("truncated-base64", TruncatedBase64), ("wrong-charset", WrongCharset), ("unknown-charset", UnknownCharset),
        ("unknown-encoding", UnknownEncoding), ("bad-headers", BadHeaders), ("bad-date", BadDate), ("binary", Binary),
    ];

    private static byte[] NotAMail(DemoDraft draft) => HandMade.Bytes(draft.Text(DemoPhrases.English, 2, 4));

    private static byte[] MissingBoundary(DemoDraft draft) => Simple(
        draft, "Content-Type: multipart/mixed", "--somewhere\nContent-Type: text/plain\n\nLost between the parts.\n--somewhere--\n");

    private static byte[] NeverClosed(DemoDraft draft)
    {
        var boundary = draft.Boundary();
        return Simple(
            draft,
            $"Content-Type: multipart/mixed; boundary=\"{boundary}\"",
            $"--{boundary}\nContent-Type: text/plain\n\nOne.\n--{boundary} \nContent-Type: multipart/alternative; boundary=inner\n\n"
            + $"--inner\nContent-Type: text/html\n\n<p>Two, and the connection broke");
    }

    private static byte[] TruncatedBase64(DemoDraft draft) => Simple(
        draft,
        "Content-Type: application/pdf; name=cut.pdf\nContent-Transfer-Encoding: base64",
        draft.Base64Lines(3000)[..^7] + "\n!! cut here by a scanner !!\n");

    private static byte[] WrongCharset(DemoDraft draft) => Simple(
        draft, "Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: 7bit", draft.Text(DemoPhrases.Japanese, 2, 5));

    private static byte[] UnknownCharset(DemoDraft draft) => Simple(
        draft, "Content-Type: text/plain; charset=\"x-klingon-8\"", draft.Text(DemoPhrases.German, 2, 5));

    private static byte[] UnknownEncoding(DemoDraft draft) => Simple(
        draft, "Content-Type: text/plain\nContent-Transfer-Encoding: x-rot13", "Guvf vf abg rapelcgrq.\n");

    private static byte[] BadHeaders(DemoDraft draft) => HandMade.Message(
        draft,
        [
            "From: <<nobody@@example.org>, , \"open quote <x@example.org>", "To: undisclosed-recipients:;",
            "Subject: =?utf-8?B?not base64?= =?bad",
            "Subject: A second subject", "a line that is no header at all", ": no name", "Content-Type: text/plain; charset=; =x; boundary",
        ],
        draft.Text(DemoPhrases.English, 1, 3));

    private static byte[] BadDate(DemoDraft draft) => HandMade.Bytes(
        $"Date: Thirtieth of February, 25:61\nMessage-ID: <{draft.MessageId}>\n"
        + "From: clock@example.org\nSubject: What time is it\n\nLate.\n");

    // Bytes of every value except the three with a meaning in IMAP.
    private static byte[] Binary(DemoDraft draft)
    {
        var bytes = draft.Bytes(2000).Where(b => b is not (0 or (byte)'\r' or (byte)'\n'));
        return [.. Simple(draft, "Content-Type: application/octet-stream\nContent-Transfer-Encoding: binary", ""), .. bytes, .. "\r\n"u8];
    }

    private static byte[] Simple(DemoDraft draft, string contentHeaders, string body) => HandMade.Message(
        draft,
        ["From: broken@example.org", $"To: {DemoMailbox.User}", $"Subject: {draft.Subject(DemoPhrases.English)}", contentHeaders],
        body);
}
