using System.Text;
using MimeKit;

namespace EmailIngestion.DevServers.Mail;

/// <summary>Well-formed mail in the charsets and transfer encodings in use.</summary>
internal static class EncodedMail
{
    public static readonly (string Kind, Func<DemoDraft, byte[]> Build)[] Kinds =
    [
        ("us-ascii", draft => In(draft, DemoPhrases.English)),
        ("iso-8859-1", draft => In(draft, DemoPhrases.Italian)),
        ("windows-1252", draft => In(draft, DemoPhrases.German)),
        ("iso-2022-jp", draft => In(draft, DemoPhrases.Japanese)),
        ("koi8-r", draft => In(draft, DemoPhrases.Russian)),
        ("gb18030", draft => In(draft, DemoPhrases.Chinese)),
        ("utf-8", draft => In(draft, DemoPhrases.Others)),
        ("quoted-printable", draft => As(draft, ContentEncoding.QuotedPrintable)),
        ("base64", draft => As(draft, ContentEncoding.Base64)),
        ("8bit", draft => As(draft, ContentEncoding.EightBit)),
        ("encoded-words", EncodedWords),
        ("rfc2231", Continued),
    ];

    private static byte[] In(DemoDraft draft, DemoLanguage language)
    {
        var subject = draft.Subject(language);
        var message = draft.Message(language, OrdinaryMail.TextPart("plain", draft.Text(language), language.Charset));
        var encoding = Encoding.GetEncoding(language.Charset);
        message.Headers.Replace(HeaderId.Subject, encoding, subject);
        message.From.Mailboxes.Single().Encoding = encoding;
        return DemoDraft.Serialize(message);
    }

    private static byte[] As(DemoDraft draft, ContentEncoding encoding)
    {
        var part = OrdinaryMail.TextPart("plain", draft.Text(DemoPhrases.German, 5, 30));
        part.ContentTransferEncoding = encoding;
        return DemoDraft.Serialize(draft.Message(DemoPhrases.German, part), EncodingConstraint.EightBit);
    }

    // Two charsets and two encodings in one subject, a character split between two encoded words, and underscores.
    private static byte[] EncodedWords(DemoDraft draft) => HandMade.Message(
        draft,
        [
            $"From: =?ISO-8859-1?Q?J=FCrgen_M=FCller?= =?utf-8?B?{Convert.ToBase64String("(Büro)"u8)}?= <juergen@example.org>",
            $"To: {DemoMailbox.User}",
            "Subject: =?utf-8?Q?Rechnung_=C3?= =?utf-8?Q?=BCber_100_=E2=82=AC?=\r\n =?koi8-r?B?89ix1A==?= plain =?utf-8?q?=F0=9F=93=8E?=",
            "Content-Type: text/plain; charset=utf-8",
        ],
        draft.Text(DemoPhrases.English));

    private static byte[] Continued(DemoDraft draft)
    {
        var boundary = draft.Boundary();
        return HandMade.Message(
            draft,
            [
                "From: Archive <archive@example.org>", $"To: {DemoMailbox.User}", "Subject: Continued file names",
                $"Content-Type: multipart/mixed; boundary=\"{boundary}\"",
            ],
            $"""
            --{boundary}
            Content-Type: text/plain; charset=utf-8

            See the attachments.
            --{boundary}
            Content-Type: application/octet-stream
            Content-Transfer-Encoding: base64
            Content-Disposition: attachment;
             filename*0*=utf-8'de'%C3%9Cbersicht%20der%20;
             filename*1*=Rechnungen%20f%C3%BCr%20;
             filename*2="January.bin"

            {draft.Base64Lines(600)}
            --{boundary}
            Content-Type: application/pdf; name="=?utf-8?B?6KuL5rGC5pu4LnBkZg==?="
            Content-Transfer-Encoding: base64
            Content-Disposition: attachment; filename="=?utf-8?B?6KuL5rGC5pu4LnBkZg==?="

            {draft.Base64Lines(600)}
            --{boundary}--

            """);
    }
}
