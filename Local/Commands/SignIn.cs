using System.Text;
using EmailIngestion.Configuration;
using EmailIngestion.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.SignIn;
using EmailIngestion.Mailboxes.SignIn.Consent;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Local.Commands;

/// <summary>Gets a refresh token by a person's consent, and writes it to a private file or prints the setting.</summary>
internal static class SignIn
{
    /// <param name="command">The settings.</param>
    /// <param name="mailbox">The number of the mailbox.</param>
    /// <param name="device">Whether the person consents on another machine.</param>
    /// <param name="file">The file for the refresh token; null: the setting is printed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<int> RunAsync(
        CommandSettings command, int mailbox, bool device, string? file, CancellationToken cancellationToken)
    {
        var setting = $"Mailboxes:{mailbox}";
        var provider = ConsentProvider.Of(ConfiguredMailbox.Read(command.Settings, mailbox, "--mailbox"), setting, device);
        await using var services = new ServiceCollection()
            .AddLogging()
            .AddSingleton(TimeProvider.System)
            .AddSignInClient()
            .BuildServiceProvider();
        var time = services.GetRequiredService<TimeProvider>();
        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient(AccessTokenSources.Client);
        TokenAnswer answer;
        try
        {
            // What a person reads goes to standard error, so that the output is the setting alone.
            answer = device
                ? await new DeviceConsent(provider, client, time).RunAsync(
                    (address, code) => Console.Error.WriteLine($"Open {address} on any machine, and enter the code {code}"),
                    cancellationToken)
                : await new BrowserConsent(provider, new TokenEndpoint(client, provider.Token, time), time).RunAsync(
                    address => Console.Error.WriteLine($"Open this address in a browser on this machine:\n{address.AbsoluteUri}"),
                    cancellationToken);
        }
        catch (MailboxException e)
        {
            Console.Error.WriteLine(e.Message);
            return 1;
        }

        if (answer.RefreshToken is not { } token)
        {
            Console.Error.WriteLine(
                "The provider issued no refresh token. Ask for offline access: most providers want offline_access in Scope.");
            return 1;
        }

        return Give(token, provider.RefreshTokenSetting, file);
    }

    private static int Give(string token, string setting, string? file)
    {
        if (file is null)
        {
            Console.Error.WriteLine("The sign-in is complete. This setting is a secret:");
            Console.WriteLine($"{setting.Replace(":", "__", StringComparison.Ordinal)}={token}");
            return 0;
        }

        try
        {
            PrivateFiles.Write(file, Encoding.UTF8.GetBytes(token));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"--out: {file} cannot be written: {PrivateFiles.Reason(e)}");
            return 1;
        }

        Console.Error.WriteLine($"The sign-in is complete. Set {setting} to the content of {file}, which only its owner can read.");
        return 0;
    }
}
