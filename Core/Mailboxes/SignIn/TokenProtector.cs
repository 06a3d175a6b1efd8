using System.Security.Cryptography;
using System.Text;
using EmailIngestion.Configuration;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Encrypts refresh tokens by ASP.NET Core Data Protection, with keys in <c>Polling:KeyFolder</c>.</summary>
internal sealed class TokenProtector(IOptions<PollingOptions> options)
{
    // The keys of one folder must serve every poller and every later version.
    private const string Application = "EmailIngestion";
    private const string Purpose = "refresh token";

    // After a failure the folder is tried again.
    private readonly Lazy<IDataProtector> _protector =
        new(() => Create(options.Value.KeyFolder), LazyThreadSafetyMode.PublicationOnly);

    /// <summary>Whether there is a folder of keys.</summary>
    public bool IsAvailable { get; } = options.Value.KeyFolder.Length > 0;

    /// <exception cref="IOException">The folder of keys cannot be used.</exception>
    public byte[] Protect(string digest, string token) =>
        _protector.Value.CreateProtector(digest).Protect(Encoding.UTF8.GetBytes(token));

    /// <summary>Decrypts a token; null if its key is missing or it is damaged.</summary>
    /// <exception cref="SignInException">The folder of keys cannot be read. That may pass, and says nothing about the token.</exception>
    public string? Unprotect(string digest, byte[] token)
    {
        try
        {
            var text = Encoding.UTF8.GetString(_protector.Value.CreateProtector(digest).Unprotect(token));
            return TokenAnswer.IsToken(text) ? text : null;
        }
        catch (Exception e) when (Unreadable(e) is { } cause)
        {
            throw new SignInException(
                SignInFailure.Unavailable,
                $"Polling:KeyFolder is {options.Value.KeyFolder}, which cannot be read: {PrivateFiles.Reason(cause)} "
                    + "It has the key of the kept refresh token.",
                e);
        }
        catch (Exception e) when (IsFault(e))
        {
            return null;
        }
    }

    /// <summary>Whether an exception shows that the keys cannot be used.</summary>
    public static bool IsFault(Exception error) =>
        error is CryptographicException or IOException or UnauthorizedAccessException or InvalidOperationException;

    // The library wraps what it meets in a CryptographicException.
    private static Exception? Unreadable(Exception? error) =>
        error is null or IOException or UnauthorizedAccessException ? error : Unreadable(error.InnerException);

    private static IDataProtector Create(string folder)
    {
        PrivateFiles.CreateFolder(folder, UnixMode.OwnersFolder);
        return DataProtectionProvider
            .Create(new DirectoryInfo(folder), builder => builder.SetApplicationName(Application))
            .CreateProtector(Purpose);
    }
}
