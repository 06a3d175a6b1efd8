using System.Net.Sockets;
using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Mailboxes.SignIn;
using EmailIngestion.Messages;
using EmailIngestion.Redis;
using MailKit;
using MailKit.Security;

namespace EmailIngestion.Mailboxes.Probing;

/// <summary>
/// Checks a mailbox step by step, from its server's name to what the first poll would read and what happens to settled emails. It changes
/// no email.
/// </summary>
/// <param name="options">The mailbox.</param>
/// <param name="timeout">The timeout of a step.</param>
/// <param name="tokens">The access tokens of its account; null if it has a password.</param>
/// <param name="time">The clock.</param>
internal sealed class MailboxProbe(MailboxOptions options, TimeSpan timeout, AccountTokens? tokens, TimeProvider time)
{
    private readonly ServerProbe _server = new(options, time);

    /// <summary>Runs the steps until one fails. Returns whether all succeeded.</summary>
    /// <param name="report">Gets each step at once.</param>
    /// <param name="cancellationToken">Ends the probe.</param>
    public async Task<bool> RunAsync(Action<ProbeStep> report, CancellationToken cancellationToken)
    {
        using var threads = new MailboxThreads();
        var name = "dns";
        try
        {
            var (addresses, text) = await LimitAsync(_server.ResolveAsync, cancellationToken);
            Pass(text);
            name = "tcp";
            var (socket, connected) = await LimitAsync(token => _server.ConnectAsync(addresses, token), cancellationToken);
            using (socket)
            {
                Pass(connected);
                name = "tls";
                Pass(options.Security == MailboxSecurity.Tls
                    ? await LimitAsync(token => _server.HandshakeAsync(socket, token), cancellationToken)
                    : $"Security is {options.Security}: the sign-in checks it");
            }

            if (tokens is not null)
            {
                name = "token";
                Pass($"the provider issues an {await tokens.GetAsync(cancellationToken)}");
            }

            name = "sign-in";
            var source = new SessionSource(options, timeout, idle: null, tokens);
            using var session = await threads.RunAsync(() => source.Connect(cancellationToken), cancellationToken);
            Pass($"signed in as {options.Username} by {(tokens is null ? "password" : "access token")}");
            var folder = new FolderProbe(options, session);
            name = "capabilities";
            Pass(folder.Capabilities());
            name = "folder";
            Pass(await threads.RunAsync(() => folder.Folder(cancellationToken), cancellationToken));
            name = "first poll";
            Pass(await threads.RunAsync(() => folder.FirstPoll(cancellationToken), cancellationToken));
            name = "follow-ups";
            if (await threads.RunAsync(() => folder.FollowUps(cancellationToken), cancellationToken) is { } followUps)
                Pass(followUps);
            return true;
        }
        catch (Exception e) when (IsOfTheMailbox(e) && !cancellationToken.IsCancellationRequested)
        {
            report(new ProbeStep(name, false, BoundedText.Line(Text(e)), Advice(name, e)));
            return false;
        }

        void Pass(string found) => report(new ProbeStep(name, true, BoundedText.Line(found)));
    }

    private static bool IsOfTheMailbox(Exception error) =>
        ConnectionCut.Is(error) || error is MailboxException or SocketException or TimeoutException or CommandException
        || RedisErrors.IsRedis(error);

    private static string Text(Exception error) => RedisErrors.IsRedis(error)
        ? $"Redis, which has the newest refresh token, cannot be used: {BriefError.Of(error)}"
        : error.Message;

    private static string? Advice(string step, Exception error) => step switch
    {
        "dns" => "Check Host, and the DNS of this machine.",
        "tcp" => "Check Port, and that a firewall lets connections out to it.",
        _ when step == "tls" || error.InnerException is SslHandshakeException =>
            "Check Host, Port and Security; set CertificateAuthority for a private authority. A proxy may replace the certificate.",
        _ when error is MailboxThrottledException => "Wait. The server limits connections or logins; other programs count too.",
        "sign-in" when error.InnerException is not (AuthenticationException or TokenRefusedException) => "Check Host, Port and Security.",
        "sign-in" => "Check Username and Authentication (docs/accounts.md).",
        "folder" => "Check Folder.",
        "follow-ups" => "Check AfterProcessing and AfterDeadLetter, and the account's rights in the folder (docs/accounts.md).",
        _ => null,
    };

    private async Task<T> LimitAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await step(either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ProbeFailedException($"no answer within Polling:ServerTimeout, {timeout}", e);
        }
    }
}
