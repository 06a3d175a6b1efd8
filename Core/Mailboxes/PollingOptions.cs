using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Mailboxes;

/// <summary>Section <c>Polling</c>: how mailboxes are read.</summary>
public sealed class PollingOptions
{
    /// <summary>The name of the section.</summary>
    public const string Section = "Polling";

    /// <summary>Whether this process polls when its timer fires. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The time limit of one poll of one mailbox. The next poll continues there. Default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The timeout for an answer of a mail server. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00")]
    public TimeSpan ServerTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The number of mailboxes polled at a time. Default 8.</summary>
    [Range(1, 100)]
    public int Parallel { get; set; } = 8;

    /// <summary>
    /// The number of open connections to one host for one account. The account's folders share them. Default 3, since some servers allow 4.
    /// Each process has its own limit.
    /// </summary>
    [Range(1, 100)]
    public int ConnectionsPerServer { get; set; } = 3;

    /// <summary>
    /// The number of open connections to one host for all accounts, for a server that counts them by the client's address (Courier: 4).
    /// Default 0: no limit. Each process has its own limit.
    /// </summary>
    [Range(0, 1_000)]
    public int ConnectionsPerHost { get; set; }

    /// <summary>
    /// How long an idle connection is kept for the next poll of its account. Default 5 minutes. 0: no connection is kept between polls.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:25:00")]
    public TimeSpan KeepConnection { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The number of mailboxes that this process watches: the first ones of the list. The timer polls the others. Default 50. 0: none.
    /// </summary>
    [Range(0, 1_000)]
    public int MaxWatched { get; set; } = 50;

    /// <summary>
    /// How long one IDLE of a watched mailbox lasts before it is renewed. Servers end a longer silence: Gmail after 10 minutes, others
    /// after 29 (RFC 2177). Default 9 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:28:00")]
    public TimeSpan WatchRenewal { get; set; } = TimeSpan.FromMinutes(9);

    /// <summary>The number of emails in one fetch request. Default 250.</summary>
    [Range(1, 5_000)]
    public int FetchBatch { get; set; } = 250;

    /// <summary>
    /// The largest accepted message in bytes. A larger one becomes a dead letter with its headers. Default 52,428,800 (50 MiB, Gmail's
    /// limit for incoming mail).
    /// </summary>
    [Range(1_024, 512 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 50 * 1024 * 1024;

    /// <summary>
    /// The limit for the bytes of mail in the memory of all polls of this process, from the fetch to the end of the append. A larger email
    /// is fetched when no other bytes are in memory. Default 67,108,864 (64 MiB).
    /// </summary>
    [Range(1_024 * 1_024, int.MaxValue)]
    public int MaxBytesInFlight { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// The number of polls that request an email which the server lists but does not return, before it is dead-lettered. Default 5.
    /// </summary>
    [Range(1, 1_000)]
    public int FetchAttempts { get; set; } = 5;

    /// <summary>
    /// How far back a folder is read again after the server has renumbered it, and how long the hashes of contents are kept to recognise
    /// emails appended before. Default 7 days.
    /// </summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "60.00:00:00")]
    public TimeSpan RenumberingWindow { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// The bytes of email that each account may download within 24 hours, over all pollers; 0: any number. Polling stops at 90 %. Default
    /// 2,500,000,000 for imap.gmail.com and imap.googlemail.com, whose limit it is, and 0 for other hosts.
    /// </summary>
    [Range(0, 1_000_000_000_000_000)]
    public long? DailyDownloadBytes { get; set; }

    /// <summary>
    /// How long after its outcome an email is followed up in the mailbox (<c>Mailboxes:n:AfterProcessing</c>), so that no failover of Redis
    /// takes back an outcome of an email that is gone from the mailbox. Default 1 minute.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan FollowUpDelay { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The folder of the hints: the last known position in each mailbox, for the case that Redis loses its data. Choose a folder that
    /// survives such a loss. Default: none, hints are kept in the process's memory only; Local uses <c>hints</c> in its data folder.
    /// </summary>
    public string HintFolder { get; set; } = "";

    /// <summary>
    /// The folder of the keys that encrypt rotated refresh tokens in Redis (ASP.NET Core Data Protection). All pollers share it. Default:
    /// none, a rotated refresh token is kept in the process's memory only; Local uses <c>token-keys</c> in its data folder.
    /// </summary>
    public string KeyFolder { get; set; } = "";

    /// <summary>The mailboxes at the start: section <c>Mailboxes</c>, and the file of <c>MAILBOXES_FILE</c>.</summary>
    internal IReadOnlyList<MailboxOptions> Mailboxes { get; set; } = [];

    /// <summary>Whether mailboxes without the setting <c>Watch</c> are watched: the host decides.</summary>
    internal bool WatchByDefault { get; set; }

    /// <summary>Whether mailboxes may be added while the process runs: there is a file of mailboxes.</summary>
    internal bool MayGetMailboxes { get; set; }

    /// <summary>Whether this process has mailboxes to poll, now or later.</summary>
    internal bool Polls => Enabled && (Mailboxes.Count > 0 || MayGetMailboxes);
}
