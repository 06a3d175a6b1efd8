using EmailIngestion.Mailboxes.SignIn;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Provides a connection with the folder of one mailbox open: an idle one of the account, or a new one. Blocks.
/// </summary>
/// <param name="options">The mailbox.</param>
/// <param name="serverTimeout">The timeout for an answer of the server.</param>
/// <param name="idle">Idle connections to reuse; null when there are none.</param>
/// <param name="tokens">The access tokens of the account; null if it has a password.</param>
internal sealed class SessionSource(MailboxOptions options, TimeSpan serverTimeout, IdleSessions? idle, AccountTokens? tokens = null)
{
    /// <summary>Opens the folder.</summary>
    /// <exception cref="MailboxException">The folder cannot be opened; the message is one line for a person.</exception>
    public ImapSession Open(CancellationToken cancellationToken)
    {
        if (idle?.Take(options) is { } taken)
        {
            try
            {
                // One that was idle for long may have been dropped on the way without a word.
                if (!taken.IsFresh)
                    Check(taken.Session, cancellationToken);
                return OpenFolder(taken.Session, cancellationToken);
            }
            catch (Exception e) when (IsOfTheConnection(taken.Session, e) && !cancellationToken.IsCancellationRequested)
            {
                // The server has closed the idle connection, or refuses on it what it may accept on a new one: Exchange answers
                // "BAD User is authenticated but not connected." when its backend has lost the user, but OK to NOOP.
            }
        }

        return OpenFolder(Connect(cancellationToken), cancellationToken);
    }

    /// <summary>The connection from the watch of this mailbox, if it has just heard of an email; null otherwise. Does not block.</summary>
    public ImapSession? TryContinue() => idle?.TakeAnnounced(options);

    /// <summary>Returns a connection, to be reused or closed. One that is not reusable is closed.</summary>
    public void Return(ImapSession session)
    {
        if (idle is null)
            session.Dispose();
        else
            idle.Return(session);
    }

    private static void Check(ImapSession session, CancellationToken cancellationToken)
    {
        try
        {
            session.Check(cancellationToken);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static bool IsOfTheConnection(ImapSession session, Exception error) =>
        !session.IsReusable && error is not (MailboxThrottledException or ServerLimitException);

    /// <summary>Opens a new connection and logs in.</summary>
    /// <exception cref="MailboxException">The connection or the login fails.</exception>
    public ImapSession Connect(CancellationToken cancellationToken)
    {
        var avoided = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var isRenewed = false;
        while (true)
        {
            // Before the connection, so that a slow token endpoint costs no time of the mail server's.
            var token = tokens?.GetAsync(cancellationToken).GetAwaiter().GetResult();
            var session = new ImapSession(options, serverTimeout, avoided, token);
            try
            {
                session.Connect(cancellationToken);
                if (token is not null)
                    tokens!.Accept(token);
                return session;
            }
            catch (TokenRefusedException) when (!isRenewed && tokens!.Refuse(token!))
            {
                // The token may have been revoked. The login is repeated once with another one, over a new connection.
                session.Dispose();
                isRenewed = true;
            }
            catch (TokenRefusedException e)
            {
                session.Dispose();
                throw new MailboxException($"{e.Message} {SignInAdvice.Of(options)}", e);
            }
            catch (MailboxException) when (session.InterruptedMechanism is { } mechanism && avoided.Add(mechanism))
            {
                // The next attempt uses another mechanism of the server.
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
            // The server counts an open connection, and the next one may be opened at once.
            if (session is { IsInOrder: true, WasRefused: true })
                session.Close();
            else
                Return(session);
            throw;
        }
    }
}
