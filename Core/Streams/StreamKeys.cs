using System.Globalization;
using System.Text.RegularExpressions;
using EmailIngestion.Bodies;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// Names every key of one partition. No other type names keys. A named partition's keys end in <c>:{name}</c>, so that Redis Cluster keeps
/// them in one slot and each script uses one node.
/// </summary>
internal sealed partial class StreamKeys(string partition)
{
    /// <summary>The consumer group.</summary>
    public const string Group = "email_processor_group";

    private readonly string _suffix = partition.Length == 0 ? "" : $":{{{partition}}}";

    public string Partition => partition;

    /// <summary>stream: the entries.</summary>
    public RedisKey Stream => $"email_ingestion_stream{_suffix}";

    /// <summary>stream: the dead letters.</summary>
    public RedisKey DeadLetters => $"email_ingestion_dlq{_suffix}";

    /// <summary>
    /// string: the message of one dead letter. It is not in the stream, so that a list does not read it. Scripts build this name in
    /// body.lua.
    /// </summary>
    public RedisKey DeadLetterBody(string deadLetterId) => $"{DeadLetterBodyPrefix}{deadLetterId}{_suffix}";

    /// <summary>The prefix of the keys of dead letters' messages.</summary>
    public static string DeadLetterBodyPrefix => "email_ingestion_dlq_raw:";

    /// <summary>
    /// The keys of the bodies of large emails. string <c>email_ingestion_body:&lt;name&gt;</c>: one body. string
    /// <c>email_ingestion_body_incoming:&lt;nonce&gt;</c>: one that is written in pieces. string
    /// <c>email_ingestion_body_staged:&lt;name&gt;</c>: one that was, before the append of its entry. hash
    /// <c>email_ingestion_bodies</c>: what refers to each body. sorted set <c>email_ingestion_bodies_released</c>: those outside Redis that
    /// nothing refers to any more. hash <c>email_ingestion_body_scopes</c>: their scopes outside Redis. hash
    /// <c>email_ingestion_body_orphans</c>: what the last orphan pass found. string <c>email_ingestion_body_turn:&lt;work&gt;</c>: some
    /// process does that work.
    /// </summary>
    public BodyKeys Bodies => field ??= new(
        "email_ingestion_body:",
        _suffix,
        Scopes: $"email_ingestion_body_scopes{_suffix}",
        Referers: $"email_ingestion_bodies{_suffix}",
        Released: $"email_ingestion_bodies_released{_suffix}",
        Report: $"email_ingestion_body_orphans{_suffix}");

    /// <summary>
    /// hash: what the processes of the partition obey at run time: pauses, the concurrency, and requests about mailboxes.
    /// </summary>
    public RedisKey Control => $"email_ingestion_control{_suffix}";

    /// <summary>hash: what all processes have done in each of the last minutes.</summary>
    public RedisKey History => $"email_ingestion_history{_suffix}";

    /// <summary>
    /// sorted set: a member for each dead letter, by fingerprint. Beside it are <c>email_ingestion_dlq_groups</c> (sorted set: the count of
    /// each fingerprint) and <c>email_ingestion_dlq_group:&lt;fingerprint&gt;</c> (hash: its mailboxes). index.lua builds these names.
    /// </summary>
    public RedisKey DeadLetterIndex => $"email_ingestion_dlq_index{_suffix}";

    /// <summary>sorted set: how many dead letters have each fingerprint.</summary>
    public RedisKey DeadLetterGroups => $"email_ingestion_dlq_groups{_suffix}";

    /// <summary>hash: how many dead letters of a fingerprint each mailbox has.</summary>
    public RedisKey DeadLetterGroup(string fingerprint) => $"email_ingestion_dlq_group:{fingerprint}{_suffix}";

    /// <summary>string: some process compares the index of the dead letters with them.</summary>
    public RedisKey IndexTurn(string work) => $"email_ingestion_dlq_index_turn:{work}{_suffix}";

    /// <summary>sorted set: the jobs, by the time when they were created, Unix ms.</summary>
    public RedisKey Jobs => $"email_ingestion_jobs{_suffix}";

    /// <summary>sorted set: the jobs that have not ended.</summary>
    public RedisKey OpenJobs => $"email_ingestion_jobs_open{_suffix}";

    /// <summary>hash: one job. job-create.lua builds this name.</summary>
    public RedisKey Job(string id) => $"email_ingestion_job:{id}{_suffix}";

    /// <summary>string: the process that runs the jobs of one lane.</summary>
    public RedisKey JobLock(string lane) => $"email_ingestion_job_lock:{lane}{_suffix}";

    /// <summary>string: what a preview has shown, by the digest of its token.</summary>
    public RedisKey Preview(string digest) => $"email_ingestion_preview:{digest}{_suffix}";

    /// <summary>stream: every change that a person made.</summary>
    public RedisKey Audit => $"email_ingestion_audit{_suffix}";

    /// <summary>set: the names of the mailboxes that have a cursor.</summary>
    public RedisKey Mailboxes => $"email_ingestion_mailboxes{_suffix}";

    /// <summary>hash: for each postponed entry, until when it waits and when it was first postponed, Unix ms.</summary>
    public RedisKey Postponed => $"email_ingestion_postponed{_suffix}";

    /// <summary>set: the ids processed on one day.</summary>
    public RedisKey ProcessedIds(DateOnly day) => $"idempotency:processed_ids:{Day(day)}{_suffix}";

    /// <summary>hash: the entries that vanished: somebody deleted them from the stream before they were processed.</summary>
    public RedisKey Vanished => $"email_ingestion_vanished{_suffix}";

    /// <summary>string: the newest appended entry that is not small. Up to it consumers limit the bytes that they read.</summary>
    public RedisKey NewestLarge => $"email_ingestion_large{_suffix}";

    /// <summary>hash: the cursor of one mailbox.</summary>
    public RedisKey Cursor(string mailbox) => $"email_ingestion_cursor:{Escape(mailbox)}{_suffix}";

    /// <summary>hash: how many times each content was appended on one day, by epoch and digest.</summary>
    public RedisKey Digests(string mailbox, DateOnly day) => $"email_ingestion_digests:{Escape(mailbox)}:{Day(day)}{_suffix}";

    /// <summary>list: the digests of batches appended on one day that are not counted in <see cref="Digests"/> yet.</summary>
    public RedisKey DigestLog(string mailbox, DateOnly day) => $"email_ingestion_digest_log:{Escape(mailbox)}:{Day(day)}{_suffix}";

    /// <summary>string: the lock of one mailbox. Its value is the process that polls it.</summary>
    public RedisKey MailboxLock(string mailbox) => $"email_ingestion_poll_lease:{Escape(mailbox)}{_suffix}";

    /// <summary>sorted set: the emails of one mailbox whose outcome is settled and not followed up in the mailbox yet.</summary>
    public RedisKey Notes(string mailbox) => $"email_ingestion_notes:{Escape(mailbox)}{_suffix}";

    /// <summary>hash: how many notes of each mailbox were not made, because too many wait.</summary>
    public RedisKey NotesUnmade => $"email_ingestion_notes_unmade{_suffix}";

    /// <summary>hash: the bytes fetched from one account, by the hour. The digest is that of the account.</summary>
    public RedisKey Downloads(string digest) => $"email_ingestion_downloads:{Escape(digest)}{_suffix}";

    /// <summary>hash: the newest refresh token in place of a configured one, encrypted. The digest is that of the configured one.</summary>
    public RedisKey RefreshToken(string digest) => $"email_ingestion_refresh_token:{Escape(digest)}{_suffix}";

    /// <summary>
    /// string: the consumer of this name is alive. Prefix and suffix are apart, because a script builds these names from the group's
    /// consumers.
    /// </summary>
    public RedisKey Consumer(string name) => ConsumerPrefix + Escape(name) + _suffix;

    public static string ConsumerPrefix => "email_ingestion_consumer:";

    /// <summary>The patterns of all keys of this product, for an ACL.</summary>
    public const string All = "email_ingestion_* ~idempotency:*";

    public string Suffix => _suffix;

    public static bool IsPartitionName(string name) => PartitionName().IsMatch(name);

    // Redis Cluster would read braces as a hash tag.
    private static string Escape(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal)
            .Replace("{", "%7B", StringComparison.Ordinal)
            .Replace("}", "%7D", StringComparison.Ordinal);

    private static string Day(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex PartitionName();
}
