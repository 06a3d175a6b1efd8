using EmailIngestion.Mailboxes.FollowUps;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// One folder on a mail server, opened read-only, unless <see cref="CarryOut"/> is called. Calls block and need a thread of their own:
/// blocking reads of bodies are 1.5 times as fast as async reads. Every call stops when its token is cancelled.
/// </summary>
internal interface IMailbox : IDisposable
{
    /// <summary>Connects, logs in and opens the folder.</summary>
    /// <exception cref="MailboxException">The folder cannot be opened; the message is one line for a person.</exception>
    FolderState Open(CancellationToken cancellationToken);

    /// <summary>
    /// Continues in the folder if its watch has left it open, and an announcement of an email is the last that happened in it. Asks the
    /// server nothing. Null: it has to be opened.
    /// </summary>
    FolderState? TryContinue() => null;

    /// <summary>Whether the folder is open. It is not after an opening that failed, also one in the middle of an email.</summary>
    bool IsOpen => true;

    /// <summary>The UIDs above the given one, ascending.</summary>
    IReadOnlyList<uint> SearchAfter(uint uid, CancellationToken cancellationToken);

    /// <summary>
    /// The UIDs that <c>UID FETCH n:*</c> lists, ascending, for a server whose SEARCH or UIDNEXT is wrong. They always include the folder's
    /// last email, even if its UID is below n.
    /// </summary>
    IReadOnlyList<uint> ListFrom(uint uid, CancellationToken cancellationToken);

    /// <summary>The UIDs of emails received on a day or later, and before another one if there is one, ascending.</summary>
    IReadOnlyList<uint> SearchReceived(DateOnly from, DateOnly? before, CancellationToken cancellationToken);

    /// <summary>The UIDs among these that the folder still has.</summary>
    IReadOnlyList<uint> SearchExisting(IReadOnlyList<uint> uids, CancellationToken cancellationToken);

    /// <summary>Whether <see cref="FetchSmall"/> and <see cref="FetchWhole"/> are possible now.</summary>
    bool CanFetchAtOnce { get; }

    /// <summary>Fetches data and beginnings of emails by one request. The server may leave some out.</summary>
    FetchAnswer FetchSmall(SmallEmails emails, CancellationToken cancellationToken);

    /// <summary>Fetches whole bodies by one request, without a copy in between. The server may leave some out.</summary>
    FetchAnswer FetchWhole(WholeEmails emails, CancellationToken cancellationToken);

    /// <summary>The server's data about these emails. An email without data is missing from the result.</summary>
    IReadOnlyList<EmailEnvelope> FetchEnvelopes(IReadOnlyList<uint> uids, CancellationToken cancellationToken);

    /// <summary>Fetches the bodies of these emails and passes each to a callback. The server may leave some out.</summary>
    void FetchBodies(IReadOnlyList<uint> uids, Action<uint, Stream> received, CancellationToken cancellationToken);

    /// <summary>
    /// Fetches the body of one email, or a part of it as <see cref="BodySink.Count"/> says, and passes it to the sink as it comes: the
    /// connection holds only some KiB.
    /// </summary>
    /// <returns>Whether the server returned something for this email. The sink says what it was.</returns>
    bool FetchBody(uint uid, BodySink sink, CancellationToken cancellationToken);

    /// <summary>The header of one email; empty when the server returns none.</summary>
    ReadOnlyMemory<byte> FetchHeader(uint uid, CancellationToken cancellationToken);

    /// <summary>
    /// Does something to emails of the folder, and opens it for writing first if it is not. UIDs that the folder does not have are skipped,
    /// so that repeating does no harm.
    /// </summary>
    /// <exception cref="FollowUpRefusedException">The server refuses it; the message is one line for a person.</exception>
    /// <exception cref="FolderRenumberedException">The folder has another UIDVALIDITY. Nothing was done.</exception>
    CarriedOut CarryOut(
        FollowUp followUp, uint uidValidity, IReadOnlyList<uint> uids, CopyJournal journal, CancellationToken cancellationToken);

    /// <summary>Lets no other poll use this connection: it may be the cause of this poll's failure.</summary>
    void Discard();
}
