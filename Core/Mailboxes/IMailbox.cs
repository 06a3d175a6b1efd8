namespace EmailIngestion.Mailboxes;

/// <summary>
/// The one seam to a mail server: one folder, opened read-only. Calls block and belong on a thread of their own: reading bodies that way
/// is half as fast again as by async reads. Everything is given up when the token says so.
/// </summary>
internal interface IMailbox : IDisposable
{
    /// <summary>Connects, logs in and opens the folder.</summary>
    /// <exception cref="MailboxException">It cannot be opened; the message is one clear line.</exception>
    FolderState Open(CancellationToken cancellationToken);

    /// <summary>The UIDs above the given one, ascending.</summary>
    IReadOnlyList<uint> SearchAfter(uint uid, CancellationToken cancellationToken);

    /// <summary>
    /// The UIDs that <c>UID FETCH n:*</c> names, ascending, for a server whose SEARCH or UIDNEXT is wrong. The folder's last email is always
    /// among them, also when its UID is below n.
    /// </summary>
    IReadOnlyList<uint> ListFrom(uint uid, CancellationToken cancellationToken);

    /// <summary>The UIDs of emails received on this day or later, ascending.</summary>
    IReadOnlyList<uint> SearchSince(DateOnly day, CancellationToken cancellationToken);

    /// <summary>Which of these UIDs are (still) there.</summary>
    IReadOnlyList<uint> SearchExisting(IReadOnlyList<uint> uids, CancellationToken cancellationToken);

    /// <summary>What the server says of these emails. UIDs that it says nothing of are missing from the answer.</summary>
    IReadOnlyList<EmailEnvelope> FetchEnvelopes(IReadOnlyList<uint> uids, CancellationToken cancellationToken);

    /// <summary>The bodies of these emails, each handed over as it arrives. Those that the server leaves out are not.</summary>
    void FetchBodies(IReadOnlyList<uint> uids, Action<uint, Stream> received, CancellationToken cancellationToken);

    /// <summary>The header of one email; empty when the server gives none.</summary>
    ReadOnlyMemory<byte> FetchHeader(uint uid, CancellationToken cancellationToken);
}

/// <param name="UidValidity">The folder's UIDVALIDITY.</param>
/// <param name="UidNext">The UID the next email will get; null when the server does not say.</param>
/// <param name="Exists">How many emails the folder holds.</param>
internal sealed record FolderState(uint UidValidity, uint? UidNext, int Exists = 0);

/// <param name="Uid">The email's UID.</param>
/// <param name="Size">RFC822.SIZE, bytes; null when the server does not say.</param>
/// <param name="Received">INTERNALDATE; null when the server does not say, or no date that can be.</param>
/// <param name="GmailId">X-GM-MSGID; null on other servers.</param>
internal sealed record EmailEnvelope(uint Uid, long? Size, DateTimeOffset? Received, ulong? GmailId);
