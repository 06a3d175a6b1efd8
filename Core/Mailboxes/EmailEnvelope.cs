namespace EmailIngestion.Mailboxes;

/// <summary>The server's data about an email.</summary>
/// <param name="Uid">The email's UID.</param>
/// <param name="Size">RFC822.SIZE in bytes; null when the server does not report it.</param>
/// <param name="Received">INTERNALDATE; null when the server does not report it or it is not plausible.</param>
/// <param name="GmailId">X-GM-MSGID; null on other servers.</param>
internal sealed record EmailEnvelope(uint Uid, long? Size, DateTimeOffset? Received, ulong? GmailId)
{
    /// <summary>The flags without <c>\Recent</c>; null when there are none.</summary>
    public IReadOnlyList<string>? Flags { get; init; }

    /// <summary>X-GM-LABELS; null when there are none and on other servers.</summary>
    public IReadOnlyList<string>? Labels { get; init; }

    /// <summary>X-GM-THRID; null on other servers.</summary>
    public ulong? GmailThreadId { get; init; }
}
