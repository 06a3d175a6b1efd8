using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>
/// Finds the kept refresh token of a mailbox. It is in the first partition that this process serves, whatever the mailbox's, so that
/// mailboxes of several partitions share it.
/// </summary>
internal sealed class KeptRefreshTokens(
    StreamPartitions partitions, TokenProtector protector, KeptTokenUse use, ILogger<PollService> logger)
{
    public KeptRefreshToken Of(MailboxOptions mailbox, RefreshGrant grant) => new(
        mailbox.EffectiveAccount, grant.RefreshToken, partitions.Served[0].RefreshTokens, protector, use, logger);
}
