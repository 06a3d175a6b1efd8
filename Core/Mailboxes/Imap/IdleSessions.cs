using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Keeps idle connections that are logged in, for the next poll of their account. It keeps a connection for <c>Polling:KeepConnection</c>,
/// and only if its last command was answered.
/// </summary>
/// <remarks>
/// A poll acquires a turn (<see cref="ConnectionTurns"/>) before it takes or opens a connection. Before it opens one, it closes an idle one
/// of the account if there is any. So the turns limit the idle connections too.
/// </remarks>
internal sealed class IdleSessions : IDisposable
{
    // Long enough for a waiting poll of the same round. Connections that are not kept between polls are shared for as long.
    private static readonly TimeSpan Shared = TimeSpan.FromSeconds(5);

    private readonly MailboxList _mailboxes;
    private readonly PollingOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<Idle> _idle = [];
    private ILookup<ServerLogin, string> _folders;
    private bool _isDisposed;

    public IdleSessions(MailboxList mailboxes, IOptions<PollingOptions> options, TimeProvider time)
    {
        (_mailboxes, _options, _time) = (mailboxes, options.Value, time);
        _folders = FoldersOf(mailboxes.Current);
        mailboxes.Changed += CloseUnused;
    }

    private bool KeepsBetweenPolls => _options.KeepConnection > TimeSpan.Zero;

    /// <summary>
    /// Takes a connection for this mailbox, and whether it was in use just now; null when the caller has to open one. There is room for it
    /// then.
    /// </summary>
    public (ImapSession Session, bool IsFresh)? Take(MailboxOptions mailbox)
    {
        var login = ServerLogin.Of(mailbox);
        Idle? taken;
        bool isUsable;
        lock (_gate)
        {
            var (account, isHostLimited) = (login.Account, _options.ConnectionsPerHost > 0);
            // The last one in use is the most likely one to be alive.
            taken = _idle.FindLast(idle => IsFor(idle.Session, login, mailbox.EffectiveFolder));
            isUsable = taken is not null;
            taken ??= _idle.Find(idle => idle.Session.Login.Account == account)
                ?? _idle.Find(idle => isHostLimited && idle.Session.Login.Account.Host == account.Host);
            if (taken is null)
                return null;
            _idle.Remove(taken);
        }

        taken.Timer?.Dispose();
        if (isUsable)
            return (taken.Session, IsFresh(taken));
        taken.Session.Close();
        return null;
    }

    /// <summary>Takes a connection on which an email was just announced in the open folder of this mailbox; null: there is none.</summary>
    public ImapSession? TakeAnnounced(MailboxOptions mailbox)
    {
        var (login, folder) = (ServerLogin.Of(mailbox), mailbox.EffectiveFolder);
        Idle? taken;
        lock (_gate)
        {
            taken = _idle.FindLast(
                idle => IsFor(idle.Session, login, folder) && idle.Session.HasAnnounced(folder) && IsFresh(idle));
            if (taken is null)
                return null;
            _idle.Remove(taken);
        }

        taken.Timer?.Dispose();
        return taken.Session;
    }

    /// <summary>Keeps a connection after a poll, or closes it if it is not reusable.</summary>
    public void Return(ImapSession session)
    {
        lock (_gate)
        {
            if (!_isDisposed && session.IsReusable && (KeepsBetweenPolls ? _folders.Contains(session.Login) : IsForOthers(session)))
            {
                var idle = new Idle(session, _time.GetTimestamp());
                _idle.Add(idle);
                var kept = KeepsBetweenPolls ? _options.KeepConnection : Shared;
                idle.Timer = _time.CreateTimer(_ => Close(idle), null, kept, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        session.Dispose();
    }

    public void Dispose()
    {
        _mailboxes.Changed -= CloseUnused;
        Idle[] left;
        lock (_gate)
        {
            _isDisposed = true;
            left = [.. _idle];
            _idle.Clear();
        }

        foreach (var idle in left)
            idle.Dispose();
    }

    private static ILookup<ServerLogin, string> FoldersOf(IReadOnlyList<MailboxOptions> mailboxes) =>
        mailboxes.ToLookup(ServerLogin.Of, mailbox => mailbox.EffectiveFolder);

    private bool IsFresh(Idle idle) => _time.GetElapsedTime(idle.Since) < Shared;

    private bool IsFor(ImapSession session, ServerLogin login, string folder) =>
        session.Login == login && session.IsInOrder && (KeepsBetweenPolls || !session.HasOpened(folder));

    private bool IsForOthers(ImapSession session) => _folders[session.Login].Any(folder => !session.HasOpened(folder));

    private void CloseUnused()
    {
        Idle[] unused;
        lock (_gate)
        {
            _folders = FoldersOf(_mailboxes.Current);
            unused = [.. _idle.Where(idle => !_folders.Contains(idle.Session.Login))];
            _idle.RemoveAll(idle => !_folders.Contains(idle.Session.Login));
        }

        foreach (var idle in unused)
            idle.Dispose();
    }

    private void Close(Idle idle)
    {
        lock (_gate)
        {
            if (!_idle.Remove(idle))
                return;
        }

        idle.Dispose();
    }

    private sealed class Idle(ImapSession session, long since) : IDisposable
    {
        public ImapSession Session => session;

        public long Since => since;

        public ITimer? Timer { get; set; }

        public void Dispose()
        {
            Timer?.Dispose();
            session.Dispose();
        }
    }
}
