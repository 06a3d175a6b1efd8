namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Gives one mailbox a connection with its folder open: one that another folder of the account has done with, or a new one. Blocks.
/// </summary>
/// <param name="options">The mailbox.</param>
/// <param name="serverTimeout">How long the server may be silent.</param>
/// <param name="idle">Connections to take over; null: there are none.</param>
internal sealed class SessionSource(MailboxOptions options, TimeSpan serverTimeout, IdleSessions? idle)
{
    /// <exception cref="MailboxException">The folder cannot be opened; the message is one clear line.</exception>
    public ImapSession Open(CancellationToken cancellationToken)
    {
        if (idle?.Take(options) is { } session)
        {
            try
            {
                return OpenFolder(session, cancellationToken);
            }
            catch (Exception e) when (HasEnded(session, e) && !cancellationToken.IsCancellationRequested)
            {
                // The server has closed it meanwhile.
            }
        }

        return OpenFolder(Connect(cancellationToken), cancellationToken);
    }

    /// <summary>Takes back what was opened, for another folder or to close it.</summary>
    public void Return(ImapSession session)
    {
        if (idle is null)
            session.Dispose();
        else
            idle.Return(session);
    }

    private static bool HasEnded(ImapSession session, Exception error) =>
        !session.IsInOrder && error is not (MailboxThrottledException or ServerLimitException);

    private ImapSession Connect(CancellationToken cancellationToken)
    {
        var avoided = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        while (true)
        {
            var session = new ImapSession(options, serverTimeout, avoided);
            try
            {
                session.Connect(cancellationToken);
                return session;
            }
            catch (MailboxException) when (session.InterruptedMechanism is { } mechanism && avoided.Add(mechanism))
            {
                // The server offers other mechanisms, which it may get right.
                session.Dispose();
            }
            catch
            {
                session.Dispose();
                throw;
            }
        }
    }

    private ImapSession OpenFolder(ImapSession session, CancellationToken cancellationToken)
    {
        try
        {
            session.OpenFolder(options.EffectiveFolder, cancellationToken);
            return session;
        }
        catch
        {
            Return(session);
            throw;
        }
    }
}
