using System.Globalization;
using EmailIngestion.Messages;

namespace EmailIngestion.Mailboxes.SignIn.Consent;

/// <summary>Consent on another machine (RFC 8628): the person enters a code there, and this one asks until the tokens are issued.</summary>
/// <param name="provider">The provider.</param>
/// <param name="client">The HTTP client of token endpoints.</param>
/// <param name="time">The clock.</param>
internal sealed class DeviceConsent(ConsentProvider provider, HttpClient client, TimeProvider time)
{
    private const string Grant = "urn:ietf:params:oauth:grant-type:device_code";
    private const int MaxCode = 50;
    private const int MaxAddress = 300;

    private static readonly TimeSpan SlowDown = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLife = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);

    /// <summary>Waits for the consent, for as long as the code lives.</summary>
    /// <param name="show">Shows the address and the code to a person.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SignInException">The consent is refused, or the code has expired.</exception>
    public async Task<TokenAnswer> RunAsync(Action<string, string> show, CancellationToken cancellationToken)
    {
        var device = await BeginAsync(cancellationToken);
        // Some providers write verification_url.
        var address = device.GetValueOrDefault("verification_uri") ?? device.GetValueOrDefault("verification_url");
        if (device.GetValueOrDefault("device_code") is not { Length: > 0 } code
            || device.GetValueOrDefault("user_code") is not { Length: > 0 } userCode || string.IsNullOrEmpty(address))
        {
            throw new SignInException(
                SignInFailure.Unreadable, $"{provider.Device!.Authority} answers without a device code. Check its address.");
        }

        show(BoundedText.Line(address, MaxAddress), BoundedText.Line(userCode, MaxCode));
        var until = time.GetUtcNow() + Seconds(device, "expires_in", 900, LongestLife);
        var interval = Seconds(device, "interval", 5, LongestInterval);
        while (time.GetUtcNow() + interval < until)
        {
            await Task.Delay(interval, time, cancellationToken);
            try
            {
                return await new TokenEndpoint(client, provider.Token, time).RequestAsync(Ask(code), cancellationToken);
            }
            catch (SignInException e) when (e.Code == "authorization_pending")
            {
                // Nobody has entered the code yet.
            }
            catch (MailboxException e) when (e is MailboxThrottledException or SignInException { Failure: SignInFailure.Unavailable })
            {
                // Also for slow_down: each one makes the interval longer by five seconds.
                interval += SlowDown;
            }
        }

        throw new SignInException(SignInFailure.Unavailable, "Nobody entered the code in time. Begin again.");
    }

    private async Task<IReadOnlyDictionary<string, string>> BeginAsync(CancellationToken cancellationToken)
    {
        var body = await new TokenEndpoint(client, provider.Device!, time).PostAsync(
            [("client_id", provider.ClientId), ("scope", provider.Scope)], cancellationToken);
        return TokenJson.Parse(body) ?? new Dictionary<string, string>();
    }

    private IEnumerable<(string Name, string? Value)> Ask(string code) =>
    [
        ("grant_type", Grant),
        ("device_code", code),
        ("client_id", provider.ClientId),
        ("client_secret", provider.ClientSecret),
    ];

    private static TimeSpan Seconds(IReadOnlyDictionary<string, string> fields, string name, double otherwise, TimeSpan longest) =>
        double.TryParse(fields.GetValueOrDefault(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, longest.TotalSeconds))
            : TimeSpan.FromSeconds(otherwise);
}
