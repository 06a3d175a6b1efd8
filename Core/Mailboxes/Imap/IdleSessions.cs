using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Keeps idle connections that are logged in, for other folders of the same account. It keeps a connection for a few seconds, and only if
/// its last command was answered.
/// </summary>
/// <remarks>
/// A poll acquires a turn (<see cref="ConnectionTurns"/>) before it takes or opens a connection. Before it opens one, it closes an idle one
/// if there is any. So the turns limit the idle connections too.
/// </remarks>
internal sealed class IdleSessions(MailboxList mailboxes, IOptions<PollingOptions> options, TimeProvider time) : IDisposable
{
    // Long enough for a waiting poll of the same round, and much shorter than a server's timeout.
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly List<Idle> _idle = [];
    private (IReadOnlyList<MailboxOptions>? Of, ILookup<ServerLogin, string>? Folders) _known;

    private bool _isDisposed;

    /// <summary>Takes a connection for this mailbox; null when the caller has to open one. There is room for it then.</summary>
    public ImapSession? Take(MailboxOptions mailbox)
    {
        var login = ServerLogin.Of(mailbox);
        Idle? taken;
        lock (_gate)
        {
            var (account, isHostLimited) = (login.Account, options.Value.ConnectionsPerHost > 0);
            taken = _idle.Find(idle => idle.Session.Login == login && idle.Session.MayOpen(mailbox.EffectiveFolder))
                ?? _idle.Find(idle => idle.Session.Login.Account == account)
                ?? _idle.Find(idle => isHostLimited && idle.Session.Login.Account.Host == account.Host);
            if (taken is null)
                return null;
            _idle.Remove(taken);
        }

        taken.Timer?.Dispose();
        if (taken.Session.Login == login && taken.Session.MayOpen(mailbox.EffectiveFolder))
            return taken.Session;
        taken.Session.Close();
        return null;
    }

    /// <summary>Keeps a connection after a poll, or closes it.</summary>
    public void Return(ImapSession session)
    {
        lock (_gate)
        {
            if (!_isDisposed && session.IsInOrder && Folders[session.Login].Any(session.MayOpen))
            {
                var idle = new Idle(session);
                _idle.Add(idle);
                idle.Timer = time.CreateTimer(_ => Close(idle), null, Kept, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        session.Dispose();
    }

    public void Dispose()
    {
        Idle[] left;
        lock (_gate)
        {
            _isDisposed = true;
            left = [.. _idle];
            _idle.Clear();
        }

        foreach (var idle in left)
        {
            idle.Timer?.Dispose();
            idle.Session.Dispose();
        }
    }

    private ILookup<ServerLogin, string> Folders
    {
        get
        {
            var current = mailboxes.Current;
            if (!ReferenceEquals(_known.Of, current))
                _known = (current, current.ToLookup(ServerLogin.Of, mailbox => mailbox.EffectiveFolder));
            return _known.Folders!;
        }
    }

    private void Close(Idle idle)
    {
        lock (_gate)
        {
            if (!_idle.Remove(idle))
                return;
        }

        idle.Timer?.Dispose();
        idle.Session.Dispose();
    }

    private sealed class Idle(ImapSession session)
    {
        public ImapSession Session => session;

        public ITimer? Timer { get; set; }
    }
}
