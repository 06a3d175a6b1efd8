using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using MailKit.Net.Imap;
using MailKit.Security;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Logs in, by one mechanism after another, and says who we are.</summary>
/// <param name="options">The mailbox.</param>
/// <param name="refusal">What the server's last line means, if it refuses something.</param>
/// <param name="avoided">Mechanisms during which the server has ended an earlier connection.</param>
internal sealed class ImapLogin(MailboxOptions options, Func<ServerRefusal?> refusal, IReadOnlySet<string> avoided)
{
    private static readonly ImapImplementation Ourselves = new()
    {
        Name = "EmailIngestion",
        Version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "1.0.0",
    };

    /// <summary>The mechanism during which the server ended the connection, when there are others to try; null: it did not.</summary>
    public string? Interrupted { get; private set; }

    /// <exception cref="AuthenticationException">The server refuses.</exception>
    public void LogIn(ImapClient client)
    {
        // The greeting may have been PREAUTH.
        if (!client.IsAuthenticated)
            Authenticate(client);
        if (client.Capabilities.HasFlag(ImapCapabilities.Id))
            SayWhoWeAre(client);
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
            throw new AuthenticationException($"it offers no mechanism that is known here: {string.Join(", ", offered)}.");
        for (var i = 0; ; i++)
        {
            try
            {
                Try(client, order[i], offered);
                return;
            }
            catch (AuthenticationException e)
            {
                var said = refusal();
                // A wrong password is wrong by another mechanism too, and counts as one more attempt there.
                if (i == order.Length - 1 || said is { IsPassing: true })
                    throw said is null ? e : new AuthenticationException(said.Words, e);
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
            // Without mechanisms MailKit uses the command.
            client.AuthenticationMechanisms.Clear();
            client.Authenticate(Encoding.UTF8, credential);
            return;
        }

        client.Authenticate(
            SaslMechanism.Create(name, Encoding.UTF8, credential) ?? throw new AuthenticationException($"{name} is not known here."));
    }

    private static bool IsDisconnect(Exception error) =>
        error is ImapProtocolException
        || error is IOException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionReset } };

    private static void SayWhoWeAre(ImapClient client)
    {
        try
        {
            client.Identify(Ourselves);
        }
        catch (ImapCommandException)
        {
            // It offers ID and does not want it: nothing depends on it.
        }
    }
}
