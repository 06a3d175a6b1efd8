using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using EmailIngestion.Mailboxes.SignIn;
using MailKit.Net.Imap;
using MailKit.Security;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Logs in with one mechanism after another, and sends the client's ID.</summary>
/// <param name="options">The mailbox.</param>
/// <param name="refusal">Reads the server's last line as a refusal; null when it is none.</param>
/// <param name="token">The access token; null: the login is by password.</param>
/// <param name="avoided">The mechanisms during which the server ended an earlier connection.</param>
internal sealed class ImapLogin(
    MailboxOptions options, Func<ServerRefusal?> refusal, AccessToken? token, IReadOnlySet<string> avoided)
{
    private static readonly ImapImplementation Client = new()
    {
        Name = "EmailIngestion",
        Version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "1.0.0",
    };

    /// <summary>The mechanism during which the server ended the connection, if there are others to try; null otherwise.</summary>
    public string? Interrupted { get; private set; }

    /// <summary>Logs in.</summary>
    /// <exception cref="AuthenticationException">The server refuses the login.</exception>
    /// <exception cref="TokenRefusedException">The server refuses the access token.</exception>
    public void LogIn(ImapClient client)
    {
        // After a PREAUTH greeting the client is authenticated already.
        if (!client.IsAuthenticated && token is not null)
            AuthenticateBy(client, token);
        else if (!client.IsAuthenticated)
            Authenticate(client);
        if (client.Capabilities.HasFlag(ImapCapabilities.Id))
            SendId(client);
    }

    private void AuthenticateBy(ImapClient client, AccessToken bearer)
    {
        var mechanism = LoginMechanisms.ForToken(client.AuthenticationMechanisms, options.SaslMechanism)
            ?? throw new AuthenticationException(
                "it offers neither XOAUTH2 nor OAUTHBEARER, only "
                + $"{string.Join(", ", client.AuthenticationMechanisms)}. Check Host, or set Authentication to Password.");
        try
        {
            client.Authenticate(mechanism == LoginMechanisms.OAuthBearer
                ? new SaslMechanismOAuthBearer(options.Username, bearer.Value)
                : new SaslMechanismOAuth2(options.Username, bearer.Value));
        }
        catch (AuthenticationException e) when (refusal() is { IsThrottling: false } answer)
        {
            // A server that is unavailable says nothing about the token.
            if (answer.Code is "UNAVAILABLE" or "INUSE")
                throw new AuthenticationException(answer.Words, e);
            throw new TokenRefusedException(answer.Words, e);
        }
    }

    private void Authenticate(ImapClient client)
    {
        var offered = new HashSet<string>(client.AuthenticationMechanisms, StringComparer.OrdinalIgnoreCase);
        var order = LoginMechanisms
            .Order(
                offered,
                options.SaslMechanism,
                LoginMechanisms.IsPrivate(options),
                client.Capabilities.HasFlag(ImapCapabilities.LoginDisabled))
            .Where(mechanism => !avoided.Contains(mechanism))
            .ToArray();
        if (order.Length == 0)
            throw new AuthenticationException($"it offers only unknown mechanisms: {string.Join(", ", offered)}.");
        for (var i = 0; ; i++)
        {
            try
            {
                Try(client, order[i], offered);
                return;
            }
            catch (AuthenticationException e)
            {
                var answer = refusal();
                // A wrong password fails with another mechanism too, and counts there as one more attempt.
                if (i == order.Length - 1 || answer is { IsPassing: true })
                    throw answer is null ? e : new AuthenticationException(answer.Words, e);
            }
            catch (Exception e) when (IsDisconnect(e))
            {
                Interrupted = i < order.Length - 1 ? order[i] : null;
                throw;
            }
        }
    }

    private void Try(ImapClient client, string name, HashSet<string> offered)
    {
        var credential = new NetworkCredential(options.Username, options.Password);
        if (name == LoginMechanisms.Login && !offered.Contains(name))
        {
            // Without mechanisms MailKit uses the LOGIN command.
            client.AuthenticationMechanisms.Clear();
            client.Authenticate(Encoding.UTF8, credential);
            return;
        }

        client.Authenticate(
            SaslMechanism.Create(name, Encoding.UTF8, credential) ?? throw new AuthenticationException($"{name} is an unknown mechanism."));
    }

    private static bool IsDisconnect(Exception error) =>
        error is ImapProtocolException
        || error is IOException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionReset } };

    private static void SendId(ImapClient client)
    {
        try
        {
            client.Identify(Client);
        }
        catch (ImapCommandException)
        {
            // Some servers offer ID and refuse it. Nothing depends on it.
        }
    }
}
