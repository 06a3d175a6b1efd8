using System.Text;
using MimeKit;

namespace EmailIngestion.DevServers.Mail;

/// <summary>Mail with unusual or missing headers.</summary>
internal static class HeaderMail
{
    private const int LongHeader = 20_000;

    public static readonly (string Kind, Func<DemoDraft, byte[]> Build)[] Kinds =
    [
        ("long-header", Long), ("no-subject", Without(HeaderId.Subject)), ("no-message-id", Without(HeaderId.MessageId)),
        ("no-date", Without(HeaderId.Date)), ("no-from", Without(HeaderId.From)), ("same-id-first", SameId),
        ("same-id-second", SameId), ("identical-first", OrdinaryMail.Html), ("identical-second", OrdinaryMail.Html),
        ("empty-body", EmptyBody), ("headers-only", HeadersOnly), ("body-only", BodyOnly), ("raw-8bit-header", Raw8Bit),
        ("many-recipients", ManyRecipients),
    ];

    private static byte[] Long(DemoDraft draft)
    {
        var header = new StringBuilder("X-Trace: start");
        while (header.Length < LongHeader) header.Append("\r\n hop=").Append(draft.Random.Next()).Append("; via=relay.example.org");
        return HandMade.Message(
            draft,
            [header.ToString(), "From: relay@example.org", $"To: {DemoMailbox.User}", "Subject: A long way", "Content-Type: text/plain"],
            draft.Text(DemoPhrases.English, 1, 3));
    }

    private static Func<DemoDraft, byte[]> Without(HeaderId header) => draft =>
    {
        var message = draft.Message(DemoPhrases.English, OrdinaryMail.TextPart("plain", draft.Text(DemoPhrases.English)));
        message.Headers.RemoveAll(header);
        return DemoDraft.Serialize(message);
    };

    // Some programs send every message with the same ID.
    private static byte[] SameId(DemoDraft draft)
    {
        var message = draft.Message(DemoPhrases.English, OrdinaryMail.TextPart("plain", draft.Text(DemoPhrases.English)));
        message.MessageId = "always-the-same@example.org";
        return DemoDraft.Serialize(message);
    }

    private static byte[] EmptyBody(DemoDraft draft) => HandMade.Message(
        draft, ["From: quiet@example.org", $"To: {DemoMailbox.User}", "Subject: Nothing to say", "Content-Type: text/plain"], "");

    private static byte[] HeadersOnly(DemoDraft draft) => HandMade.Bytes(
        $"Date: {HandMade.Date(draft)}\nMessage-ID: <{draft.MessageId}>\nFrom: cut@example.org\nSubject: Cut before the empty line\n");

    private static byte[] BodyOnly(DemoDraft draft) => HandMade.Bytes("\n" + draft.Text(DemoPhrases.English, 1, 3));

    // Raw UTF-8 in a header: not allowed without SMTPUTF8, but common.
    private static byte[] Raw8Bit(DemoDraft draft) => HandMade.Message(
        draft,
        [
            "From: Jürgen Müller <juergen@example.org>",
            $"To: {DemoMailbox.User}",
            "Subject: Größe: 請求書",
            "Content-Type: text/plain; charset=utf-8",
        ],
        draft.Text(DemoPhrases.German, 1, 3));

    private static byte[] ManyRecipients(DemoDraft draft) => HandMade.Message(
        draft,
        [
            "From: list@example.org", $"To: {DemoMailbox.User}", "Subject: To everybody",
            "Cc: Everybody: " + string.Join(",\n ", Enumerable.Range(1, 120).Select(i => $"\"Person, {i}\" <person{i}@example.org>")) + ";",
        ],
        draft.Text(DemoPhrases.English, 1, 3));
}
