using EmailIngestion.Streams;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>Finds the kept refresh token of a mailbox's account. It is in the partition of the account's first mailbox.</summary>
internal sealed class KeptRefreshTokens(StreamPartitions partitions, TokenProtector protector, ILogger<PollService> logger)
{
    public KeptRefreshToken Of(MailboxOptions mailbox, RefreshGrant grant) => new(
        mailbox.EffectiveAccount, grant.RefreshToken, partitions.Get(mailbox.Partition).RefreshTokens, protector, logger);
}
