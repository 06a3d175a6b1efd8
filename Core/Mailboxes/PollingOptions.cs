using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Mailboxes;

/// <summary>Section <c>Polling</c>: how the mailboxes are read.</summary>
public sealed class PollingOptions
{
    public const string Section = "Polling";

    /// <summary>Whether this process polls when its timer fires. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The most time one poll of one mailbox may take; the next goes on from there. Default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The time a mail server may be silent. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00")]
    public TimeSpan ServerTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Mailboxes polled at a time. Default 8.</summary>
    [Range(1, 100)]
    public int Parallel { get; set; } = 8;

    /// <summary>
    /// Connections open at a time to one host for one account; its folders share them in turn. Default 3, since some servers allow 4. It is
    /// a limit of this process.
    /// </summary>
    [Range(1, 100)]
    public int ConnectionsPerServer { get; set; } = 3;

    /// <summary>
    /// Connections open at a time to one host for all accounts together, for a server that counts them by our address (Courier: 4).
    /// Default 0: no limit. It is a limit of this process.
    /// </summary>
    [Range(0, 1_000)]
    public int ConnectionsPerHost { get; set; }

    /// <summary>Emails asked for at a time. Default 250.</summary>
    [Range(1, 5_000)]
    public int FetchBatch { get; set; } = 250;

    /// <summary>
    /// The largest message taken, in bytes; a larger one goes to the dead letters with its headers. Default 52,428,800 (50 MiB, the most
    /// that Gmail receives).
    /// </summary>
    [Range(1_024, 512 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 50 * 1024 * 1024;

    /// <summary>
    /// The bytes of mail that all polls of this process hold at a time, from the fetch to the end of the append; an email above it goes alone.
    /// Default 67,108,864 (64 MiB).
    /// </summary>
    [Range(1_024 * 1_024, int.MaxValue)]
    public int MaxBytesInFlight { get; set; } = 64 * 1024 * 1024;

    /// <summary>Polls that stop before an email which the server lists and does not give, before it is dead-lettered. Default 5.</summary>
    [Range(1, 1_000)]
    public int FetchAttempts { get; set; } = 5;

    /// <summary>
    /// How far back a folder is read again when the server has numbered it anew, and how long contents are remembered to recognise what
    /// was appended before. Default 7 days.
    /// </summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "60.00:00:00")]
    public TimeSpan RenumberingWindow { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// The folder of the hints: where each mailbox was last known to be, for the day when Redis comes back empty. It is a folder that outlives
    /// Redis's data. Default: none, hints are kept in the process's memory alone; Local has <c>hints</c> in its data folder.
    /// </summary>
    public string HintFolder { get; set; } = "";

    /// <summary>The mailboxes: section <c>Mailboxes</c>.</summary>
    internal IReadOnlyList<MailboxOptions> Mailboxes { get; set; } = [];
}
