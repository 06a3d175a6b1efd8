namespace EmailIngestion.Messages;

/// <summary>
/// An email as people read it: the content of the archive's summary, of the webhook's request, and of <see cref="EmailMessage.Parsed"/>.
/// docs/email.md describes each field. The same email gives the same values at each delivery: nothing is made up.
/// </summary>
public sealed record ParsedEmail
{
    /// <summary>The version of the format. It changes when a field changes its meaning or is removed. Now 2.</summary>
    public int Version { get; init; } = 2;

    /// <summary>32 hexadecimal digits; the same for every delivery of one email.</summary>
    public required string Id { get; init; }

    /// <summary>The mailbox's name: <c>account/folder</c>.</summary>
    public required string Mailbox { get; init; }

    /// <summary>The account of the mailbox.</summary>
    public required string Account { get; init; }

    /// <summary>The folder of the mailbox.</summary>
    public required string Folder { get; init; }

    /// <summary>The email's UID in the folder.</summary>
    public required uint Uid { get; init; }

    /// <summary>The folder's UIDVALIDITY.</summary>
    public required uint UidValidity { get; init; }

    /// <summary>What sent the email: a person, or which kind of program. Answer only a <see cref="EmailKind.Message"/>.</summary>
    public required EmailKind Kind { get; init; }

    /// <summary>The Message-ID without its angle brackets; empty when there is none. It is not unique: senders repeat it.</summary>
    public required string MessageId { get; init; }

    /// <summary>The first ID of In-Reply-To without its angle brackets; null when there is none.</summary>
    public string? InReplyTo { get; init; }

    /// <summary>The IDs of the References header without angle brackets, oldest first.</summary>
    public required IReadOnlyList<string> References { get; init; }

    /// <summary>
    /// The ID of the first message of the conversation: the first of References, else In-Reply-To, else the email's own Message-ID. Empty
    /// when it has none of them.
    /// </summary>
    public required string ConversationId { get; init; }

    /// <summary>The authors, from the From header.</summary>
    public required IReadOnlyList<ParsedAddress> From { get; init; }

    /// <summary>The Sender header: who sent the email for its authors; null when there is none.</summary>
    public ParsedAddress? Sender { get; init; }

    /// <summary>Where answers go, from the Reply-To header.</summary>
    public required IReadOnlyList<ParsedAddress> ReplyTo { get; init; }

    /// <summary>The recipients of the To header.</summary>
    public required IReadOnlyList<ParsedAddress> To { get; init; }

    /// <summary>The recipients of the Cc header.</summary>
    public required IReadOnlyList<ParsedAddress> Cc { get; init; }

    /// <summary>The recipients of the Bcc header, which most emails do not have.</summary>
    public required IReadOnlyList<ParsedAddress> Bcc { get; init; }

    /// <summary>
    /// The address to which the email was delivered: from Delivered-To, X-Original-To or Envelope-To, in this order; null when there is
    /// none.
    /// </summary>
    public string? Recipient { get; init; }

    /// <summary>What follows the <c>+</c> in the local part of <see cref="Recipient"/>; null when there is none.</summary>
    public string? RecipientTag { get; init; }

    /// <summary>The decoded Subject header; empty when there is none.</summary>
    public required string Subject { get; init; }

    /// <summary>The sender's Date header with its offset; null when there is none or it cannot be read.</summary>
    public DateTimeOffset? Sent { get; init; }

    /// <summary>The time when the server received the email (INTERNALDATE), UTC.</summary>
    public required DateTimeOffset Received { get; init; }

    /// <summary>The size of the message in bytes, as the server counts it (RFC822.SIZE).</summary>
    public required long Size { get; init; }

    /// <summary>
    /// The text of the email: all plain parts that a mail reader shows, in order. Made from the HTML when there is no plain part. At most
    /// 1,000,000 characters; null when there is none.
    /// </summary>
    public string? Text { get; init; }

    /// <summary>Where <see cref="Text"/> comes from; null when there is no text.</summary>
    public TextSource? TextSource { get; init; }

    /// <summary>The text without quoted history and signature; null when there is no text.</summary>
    public string? Reply { get; init; }

    /// <summary>The HTML of the email: all HTML parts that a mail reader shows, in order. At most 1,000,000 characters.</summary>
    public string? Html { get; init; }

    /// <summary>The fields that a bound has cut, by their JSON names, such as <c>text</c>; null when none was cut.</summary>
    public IReadOnlyList<string>? Truncated { get; init; }

    /// <summary>All parts that are not the text or the HTML, in the order of the message.</summary>
    public required IReadOnlyList<ParsedAttachment> Attachments { get; init; }

    /// <summary>The first invitation or answer in a calendar part; null when there is none.</summary>
    public ParsedCalendar? Calendar { get; init; }

    /// <summary>The report of a failed or delayed delivery; null unless <see cref="Kind"/> is <see cref="EmailKind.Bounce"/>.</summary>
    public ParsedBounce? Bounce { get; init; }

    /// <summary>
    /// What the trusted receiving server says of the sender, and our own check of DKIM; null when no server is trusted or it says nothing,
    /// and DKIM is not checked.
    /// </summary>
    public ParsedAuthentication? Authentication { get; init; }

    /// <summary>The header fields in their order, decoded: at most 256, 32 KiB each and 256 KiB in all.</summary>
    public required IReadOnlyList<ParsedHeader> Headers { get; init; }

    /// <summary>
    /// The email's IMAP flags when it was read, such as <c>\Seen</c> or <c>$Forwarded</c>, without <c>\Recent</c>. At most 100, of 200
    /// characters each; null when it had none.
    /// </summary>
    public IReadOnlyList<string>? Flags { get; init; }

    /// <summary>
    /// Gmail's labels of the email when it was read, such as <c>\Inbox</c> or <c>Invoices</c>. At most 100, of 200 characters each; null
    /// when it had none and on other servers.
    /// </summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>Gmail's ID of the message, in decimal digits; null on other servers.</summary>
    public string? GmailMessageId { get; init; }

    /// <summary>Gmail's ID of the conversation, in decimal digits; null on other servers.</summary>
    public string? GmailThreadId { get; init; }

    /// <summary>The raw message, base64 in JSON; null unless a setting asks for it.</summary>
    public ReadOnlyMemory<byte>? Raw { get; init; }
}
