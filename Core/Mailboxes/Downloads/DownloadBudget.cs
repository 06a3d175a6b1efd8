using System.Security.Cryptography;
using System.Text;
using EmailIngestion.Mailboxes.Imap;
using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes.Downloads;

/// <summary>
/// The bytes that may be fetched from one account within 24 hours, counted in Redis for all pollers and all mailboxes of the account.
/// Gmail blocks an account for IMAP that has downloaded more than 2,500 MB in a day.
/// </summary>
/// <param name="counts">
/// The counts. They are in the first partition that this process serves, so that mailboxes of several share them.
/// </param>
/// <param name="account">The digest of the account.</param>
/// <param name="limit">The bytes; 0: no limit, and nothing is counted.</param>
internal sealed class DownloadBudget(DownloadCounts counts, string account, long limit)
{
    /// <summary>The limit of Gmail's accounts.</summary>
    public const long Gmail = 2_500_000_000;

    /// <summary>Whether there is a limit.</summary>
    public bool IsLimited => limit > 0;

    /// <summary>The bytes of the email at which the last poll of the mailbox stopped; 0: it did not stop.</summary>
    public long Next { get; set; }

    /// <summary>Bytes that a failed poll has received and not counted yet.</summary>
    public long Late { get; set; }

    /// <summary>The limit in bytes.</summary>
    public long Limit => limit;

    /// <summary>The bytes at which polling stops. The rest is for envelopes, searches and the people's own clients.</summary>
    public long Most => limit / 10 * 9;

    public static DownloadBudget Of(MailboxOptions mailbox, PollingOptions polling, DownloadCounts counts)
    {
        var (host, username) = ServerAccount.Of(mailbox);
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes($"download {host} {username}"));
        var standard = host is "imap.gmail.com" or "imap.googlemail.com" ? Gmail : 0;
        return new(counts, Convert.ToHexString(digest), mailbox.DailyDownloadBytes ?? polling.DailyDownloadBytes ?? standard);
    }

    /// <summary>Asks how much is used.</summary>
    public Task<DownloadUse> AskAsync(CancellationToken cancellationToken) =>
        counts.TakeAsync(account, 0, Most, isOneEmail: false, cancellationToken);

    /// <summary>Takes bytes before they are fetched.</summary>
    public Task<DownloadUse> TakeAsync(long bytes, bool isOneEmail, CancellationToken cancellationToken) =>
        counts.TakeAsync(account, bytes, Most, isOneEmail, cancellationToken);

    /// <summary>Counts bytes that were fetched beyond those that were taken. Below 0 they were not fetched.</summary>
    public Task<DownloadUse> CorrectAsync(long bytes, CancellationToken cancellationToken) =>
        counts.TakeAsync(account, bytes, 0, isOneEmail: false, cancellationToken);

    /// <summary>Whether nothing more may be fetched, as far as this process knows what comes next.</summary>
    public bool IsUsedUp(DownloadUse use) => use.Used >= Most || (use.Used > 0 && use.Used + Next > Most);
}
