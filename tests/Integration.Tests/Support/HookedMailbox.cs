using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.FollowUps;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A mailbox with hooks between its steps.</summary>
internal sealed class HookedMailbox(IMailbox inner) : IMailbox
{
    /// <summary>Runs when the folder is open.</summary>
    public Action Opened { get; init; } = () => { };

    /// <summary>Runs before bodies are requested.</summary>
    public Action FetchingBodies { get; init; } = () => { };

    /// <summary>Runs before the check which of the missing emails still exist.</summary>
    public Action SearchingExisting { get; init; } = () => { };

    /// <summary>Runs before emails are followed up.</summary>
    public Action CarryingOut { get; init; } = () => { };

    public bool IsOpen => inner.IsOpen;

    public FolderState Open(CancellationToken cancellationToken)
    {
        var state = inner.Open(cancellationToken);
        Opened();
        return state;
    }

    public IReadOnlyList<uint> SearchAfter(uint uid, CancellationToken cancellationToken) => inner.SearchAfter(uid, cancellationToken);

    public IReadOnlyList<uint> ListFrom(uint uid, CancellationToken cancellationToken) => inner.ListFrom(uid, cancellationToken);

    public IReadOnlyList<uint> SearchReceived(DateOnly from, DateOnly? before, CancellationToken cancellationToken) =>
        inner.SearchReceived(from, before, cancellationToken);

    public IReadOnlyList<uint> SearchExisting(IReadOnlyList<uint> uids, CancellationToken cancellationToken)
    {
        SearchingExisting();
        return inner.SearchExisting(uids, cancellationToken);
    }

    public bool CanFetchAtOnce => inner.CanFetchAtOnce;

    public FetchAnswer FetchSmall(SmallEmails emails, CancellationToken cancellationToken)
    {
        FetchingBodies();
        return inner.FetchSmall(emails, cancellationToken);
    }

    public FetchAnswer FetchWhole(WholeEmails emails, CancellationToken cancellationToken)
    {
        FetchingBodies();
        return inner.FetchWhole(emails, cancellationToken);
    }

    public IReadOnlyList<EmailEnvelope> FetchEnvelopes(IReadOnlyList<uint> uids, CancellationToken cancellationToken) =>
        inner.FetchEnvelopes(uids, cancellationToken);

    public void FetchBodies(IReadOnlyList<uint> uids, Action<uint, Stream> received, CancellationToken cancellationToken)
    {
        FetchingBodies();
        inner.FetchBodies(uids, received, cancellationToken);
    }

    public bool FetchBody(uint uid, BodySink sink, CancellationToken cancellationToken)
    {
        FetchingBodies();
        return inner.FetchBody(uid, sink, cancellationToken);
    }

    public ReadOnlyMemory<byte> FetchHeader(uint uid, CancellationToken cancellationToken) => inner.FetchHeader(uid, cancellationToken);

    public CarriedOut CarryOut(
        FollowUp followUp, uint uidValidity, IReadOnlyList<uint> uids, CopyJournal journal, CancellationToken cancellationToken)
    {
        CarryingOut();
        return inner.CarryOut(followUp, uidValidity, uids, journal, cancellationToken);
    }

    public void Discard() => inner.Discard();

    public void Dispose() => inner.Dispose();
}
