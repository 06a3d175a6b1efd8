using System.Security.Cryptography;
using System.Text;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>
/// The newest refresh token: the configured one, or what the token endpoint returned in its place. It is in Redis by the digest of the
/// configured one, encrypted, for other pollers and for the next start.
/// </summary>
/// <param name="account">The account's name for the log.</param>
/// <param name="configured">The refresh token of the settings.</param>
/// <param name="state">The tokens in Redis.</param>
/// <param name="protector">Encrypts them.</param>
/// <param name="use">Whether a token that cannot be decrypted is an error.</param>
/// <param name="logger">The log.</param>
internal sealed class KeptRefreshToken(
    string account, string configured, RefreshTokenState state, TokenProtector protector, KeptTokenUse use, ILogger<PollService> logger)
{
    private readonly string _digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"refresh token {configured}")));

    private string _newest = configured;
    private long _version;
    private bool _isUnsaved;

    // What was logged and has not ended since.
    private Trouble _reported;

    /// <summary>Whether other pollers may keep a newer token.</summary>
    public bool IsShared => protector.IsAvailable;

    /// <summary>Returns the newest token. Calls of one account do not overlap.</summary>
    /// <exception cref="SignInException">The folder of keys cannot be read, or lacks a key that is needed.</exception>
    public async Task<string> ReadAsync(CancellationToken cancellationToken)
    {
        if (!protector.IsAvailable && !use.NeedsKey)
            return _newest;
        if (_isUnsaved)
            await KeepAsync(_newest);
        var (token, version) = await state.ReadAsync(_digest, cancellationToken);
        if (version < _version)
        {
            // Redis has lost its last writes, or all of them: the token in memory is the newest.
            await KeepAsync(_newest);
            return _newest;
        }

        if (version == _version || token is null)
            return _newest;
        if ((protector.IsAvailable ? protector.Unprotect(_digest, token) : null) is not { } kept)
        {
            if (use.NeedsKey)
            {
                throw new SignInException(
                    SignInFailure.Unavailable,
                    "Redis has a newer refresh token, whose key is not in Polling:KeyFolder. The configured one may be used up, "
                        + "so it is not sent. Set Polling:KeyFolder to the folder of the pollers.");
            }

            Report(Trouble.Unreadable, () => Log.TokenUnreadable(logger, account));
            return _newest;
        }

        (_newest, _version, _isUnsaved, _reported) = (kept, version, false, Trouble.None);
        return kept;
    }

    /// <summary>Keeps a token that the endpoint has returned. After a failure it is in memory and the next call repeats this.</summary>
    public async Task KeepAsync(string rotated)
    {
        _newest = rotated;
        _isUnsaved = true;
        if (!protector.IsAvailable)
        {
            Report(Trouble.NotKept, () => Log.TokenNotKept(logger, account));
            return;
        }

        try
        {
            if (await state.KeepAsync(_digest, _version, protector.Protect(_digest, rotated), CancellationToken.None))
                _version++;
            // Otherwise another poller has kept a newer one, which the next read finds.
            (_isUnsaved, _reported) = (false, Trouble.None);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || TokenProtector.IsFault(e))
        {
            Report(Trouble.NotSaved, () => Log.TokenNotSaved(logger, account, BriefError.Of(e)));
        }
    }

    private void Report(Trouble trouble, Action write)
    {
        if (!_reported.HasFlag(trouble))
            write();
        _reported |= trouble;
    }

    [Flags]
    private enum Trouble
    {
        None = 0,
        NotKept = 1,
        Unreadable = 2,
        NotSaved = 4,
    }
}
