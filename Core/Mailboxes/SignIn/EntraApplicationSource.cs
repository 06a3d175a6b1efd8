using System.Security.Cryptography;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Requests access tokens for an application from Microsoft Entra ID: by secret, by certificate or by workload identity.</summary>
internal sealed class EntraApplicationSource(MicrosoftOptions options, HttpClient client) : IAccessTokenSource
{
    public async Task<AccessToken> RequestAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A credential keeps its tokens and its certificate. A new one requests a token in any case and reads the renewed file.
            var token = await Create().GetTokenAsync(new TokenRequestContext([MicrosoftEndpoints.ScopeOf(options)]), cancellationToken);
            return new AccessToken(token.Token, token.ExpiresOn);
        }
        catch (Exception e) when (Cause(e) is { } cause)
        {
            throw cause;
        }
        catch (Exception e) when (IsOfTheSettings(e))
        {
            throw new SignInException(
                SignInFailure.Unreadable, $"No access token from {options.Authority}: {BoundedText.Line(e.Message)}", e);
        }
    }

    private TokenCredential Create()
    {
        var (tenant, id) = (options.Tenant, options.ClientId);
        if (options.ClientSecret is { Length: > 0 } secret)
            return new ClientSecretCredential(tenant, id, secret, With(new ClientSecretCredentialOptions()));
        if (options.ClientCertificate is { Length: > 0 } file)
        {
            var certificate = PemFile.WithKey(file, options.ClientCertificateKey);
            return new ClientCertificateCredential(
                tenant, id, certificate, With(new ClientCertificateCredentialOptions { SendCertificateChain = true }));
        }

        var workload = new WorkloadIdentityCredentialOptions();
        if (!string.IsNullOrEmpty(tenant))
            workload.TenantId = tenant;
        if (!string.IsNullOrEmpty(id))
            workload.ClientId = id;
        workload.DisableInstanceDiscovery = true;
        return new WorkloadIdentityCredential(With(workload));
    }

    private TOptions With<TOptions>(TOptions credential)
        where TOptions : TokenCredentialOptions
    {
        credential.AuthorityHost = new Uri(options.Authority);
        credential.Transport = new HttpClientTransport(client);
        // The back-off of the mailbox is the only retry.
        credential.Retry.MaxRetries = 0;
        switch (credential)
        {
            // The settings name the authority, so it needs no check by another server.
            case ClientSecretCredentialOptions secret:
                secret.DisableInstanceDiscovery = true;
                break;
            case ClientCertificateCredentialOptions certificate:
                certificate.DisableInstanceDiscovery = true;
                break;
        }

        return credential;
    }

    // The library throws these for an answer that it cannot read, a tenant that is no name, and files that are missing or no certificates.
    private static bool IsOfTheSettings(Exception error) => error is AuthenticationFailedException or ArgumentException
        or CryptographicException or IOException or UnauthorizedAccessException
        || (error is InvalidOperationException and not ObjectDisposedException);

    // The library wraps the exceptions of TokenAnswerHandler.
    private static MailboxException? Cause(Exception? error) => error is null or MailboxException ? (MailboxException?)error
        : error is AggregateException many ? many.InnerExceptions.Select(Cause).FirstOrDefault(one => one is not null)
        : Cause(error.InnerException);
}
