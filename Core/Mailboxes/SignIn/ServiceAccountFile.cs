using EmailIngestion.Configuration;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Http;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Reads the key of a Google service account (JSON).</summary>
internal static class ServiceAccountFile
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>Returns the fault of a file, to follow the setting's name in a sentence; null if it is valid.</summary>
    public static string? Fault(string file)
    {
        try
        {
            var credential = Read(file, "", null);
            credential.HttpClient.Dispose();
            return OAuthAddress.Fault(credential.TokenServerUrl) is { } fault ? $"is {file}, whose token_uri {fault}" : null;
        }
        catch (Exception e) when (IsFault(e))
        {
            return Sentence(file, e);
        }
    }

    /// <exception cref="SignInException">The file cannot be read.</exception>
    public static ServiceAccountCredential Open(string file, string user, HttpClientFactory clients)
    {
        try
        {
            return Read(file, user, clients);
        }
        catch (Exception e) when (IsFault(e))
        {
            throw new SignInException(SignInFailure.Unreadable, $"Google:ServiceAccountFile {Sentence(file, e)}", e);
        }
    }

    private static ServiceAccountCredential Read(string file, string user, HttpClientFactory? clients)
    {
        using var stream = File.OpenRead(file);
        if (stream.Length > MaxBytes)
            throw new InvalidDataException($"it has more than {MaxBytes} bytes.");
        var key = CredentialFactory.FromStream<ServiceAccountCredential>(stream);
        return new ServiceAccountCredential(new ServiceAccountCredential.Initializer(key.Id, key.TokenServerUrl)
        {
            User = user,
            Scopes = [GoogleEndpoints.Scope],
            Key = key.Key,
            KeyId = key.KeyId,
            HttpClientFactory = clients,
            // The back-off of the mailbox is the only retry.
            DefaultExponentialBackOffPolicy = ExponentialBackOffPolicy.None,
        });
    }

    // The library throws these for a text that is no JSON, another kind of credential, a missing field, or a key that is none.
    private static bool IsFault(Exception error) => error is IOException or UnauthorizedAccessException or InvalidOperationException
        or FormatException or ArgumentException or InvalidCastException or System.Security.Cryptography.CryptographicException
        or Newtonsoft.Json.JsonException;

    // The library's texts may repeat parts of the key.
    private static string Sentence(string file, Exception error) => error is IOException or UnauthorizedAccessException
        ? $"is {file}, which cannot be read: {PrivateFiles.Reason(error)}"
        : $"is {file}, which is not the JSON key of a service account. Create a key of type JSON for it and download it again.";
}
