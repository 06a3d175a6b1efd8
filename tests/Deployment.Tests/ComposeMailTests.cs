using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EmailIngestion.Deployment.Tests.Support;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Security;
using Xunit;

namespace EmailIngestion.Deployment.Tests;

/// <summary>Runs the mail server of compose.yaml on this machine's Dovecot, without root, with other paths and another port.</summary>
public sealed class ComposeMailTests : IDisposable
{
    private const string Start = """
        set -eu
        cd "$1"
        user=mail
        [ "$(id -u)" = 0 ] || user=$(id -un)
        MAILBOX=$1/mail "$2/demo-mail.sh" 20 >/dev/null
        sed -E -e "s#/tmp/dovecot#$1/run#; s#/mail\b#$1/mail#; s#= mail\$#= $user#; s#=mail #=$user #g" \
          -e "s#^listen = .*#listen = 127.0.0.1#; s#port = 1143#port = $3#" "$2/dovecot.conf" >dovecot.conf
        [ "$user" != mail ] || { chown -R mail:mail .; set -- setpriv --reuid=mail --regid=mail --clear-groups --no-new-privs; }
        [ "$user" = mail ] || set --
        exec "$@" dovecot -F -c "$PWD/dovecot.conf"
        """;

    private static readonly TimeSpan Within = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly string _folder = Directory.CreateTempSubdirectory("compose-mail-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_serves_the_demo_mail_without_root()
    {
        var version = await Tool.RunAsync(Tool.Require("dovecot"), ["--version"], TestContext.Current.CancellationToken);
        Assert.SkipUnless(version.StartsWith("2.3.", StringComparison.Ordinal), $"The image has Dovecot 2.3, this is {version.Trim()}.");
        var port = FreePort();
        string[] arguments = ["-c", Start, "bash", _folder, Repository.File("compose", "mail"), $"{port}"];
        using var server = Process.Start(new ProcessStartInfo(Tool.Require("bash"), arguments) { RedirectStandardError = true })!;
        var log = server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            using var client = await ConnectAsync(port, server);
            var app = ComposeFile.Environment("app");
            var (user, password) = (app["Mailboxes__0__Username"], app["Mailboxes__0__Password"]);
            await client.AuthenticateAsync(user, password, TestContext.Current.CancellationToken);
            await client.Inbox!.OpenAsync(FolderAccess.ReadOnly, TestContext.Current.CancellationToken);
            Assert.Equal(20, client.Inbox.Count);
            var message = await client.Inbox.GetMessageAsync(0, TestContext.Current.CancellationToken);
            Assert.Equal("demo@example.test", message.To.Mailboxes.Single().Address);
            await client.DisconnectAsync(quit: true, TestContext.Current.CancellationToken);
        }
        catch (Exception e) when (e is SocketException or ImapProtocolException or AuthenticationException)
        {
            server.Kill(entireProcessTree: true);
            Assert.Fail($"{e.Message}\n{await log}");
        }
        finally
        {
            if (!server.HasExited)
                server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<ImapClient> ConnectAsync(int port, Process server)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var client = new ImapClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", port, SecureSocketOptions.None, TestContext.Current.CancellationToken);
                return client;
            }
            catch (SocketException) when (!server.HasExited && Stopwatch.GetElapsedTime(start) < Within)
            {
                client.Dispose();
                await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
