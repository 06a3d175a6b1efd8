using System.Globalization;
using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// Every key of one partition, and nowhere else. A named partition's keys end in <c>:{name}</c>, so that Redis Cluster keeps them in
/// one slot and every script of ours touches one node.
/// </summary>
internal sealed partial class StreamKeys(string partition)
{
    public const string Group = "email_processor_group";

    private readonly string _suffix = partition.Length == 0 ? "" : $":{{{partition}}}";

    public string Partition => partition;

    /// <summary>stream: the entries.</summary>
    public RedisKey Stream => $"email_ingestion_stream{_suffix}";

    /// <summary>stream: the dead letters.</summary>
    public RedisKey DeadLetters => $"email_ingestion_dlq{_suffix}";

    /// <summary>
    /// string: the message of one dead letter, apart from the stream so that a list does not read it. Scripts make this name in body.lua.
    /// </summary>
    public RedisKey DeadLetterBody(string letter) => $"{DeadLetterBodyPrefix}{letter}{_suffix}";

    /// <summary>What the keys of dead letters' messages begin with.</summary>
    public static string DeadLetterBodyPrefix => "email_ingestion_dlq_raw:";

    /// <summary>stream: every change made by hand.</summary>
    public RedisKey Audit => $"email_ingestion_audit{_suffix}";

    /// <summary>set: the names of the mailboxes that have a cursor.</summary>
    public RedisKey Mailboxes => $"email_ingestion_mailboxes{_suffix}";

    /// <summary>hash: until when an entry is postponed, and since when it has been, Unix ms.</summary>
    public RedisKey Postponed => $"email_ingestion_postponed{_suffix}";

    /// <summary>set: the ids processed on one day.</summary>
    public RedisKey ProcessedIds(DateOnly day) => $"idempotency:processed_ids:{Day(day)}{_suffix}";

    /// <summary>hash: what somebody has deleted from the stream before it was processed.</summary>
    public RedisKey Vanished => $"email_ingestion_vanished{_suffix}";

    /// <summary>string: the newest entry appended that is not small. Up to it consumers read with care for its bytes.</summary>
    public RedisKey NewestLarge => $"email_ingestion_large{_suffix}";

    /// <summary>hash: where polling stands in one mailbox.</summary>
    public RedisKey Cursor(string mailbox) => $"email_ingestion_cursor:{Escape(mailbox)}{_suffix}";

    /// <summary>hash: how often each content was appended on one day, by epoch and digest.</summary>
    public RedisKey Digests(string mailbox, DateOnly day) => $"email_ingestion_digests:{Escape(mailbox)}:{Day(day)}{_suffix}";

    /// <summary>list: the digests of batches appended on one day that are not counted in <see cref="Digests"/> yet.</summary>
    public RedisKey DigestLog(string mailbox, DateOnly day) => $"email_ingestion_digest_log:{Escape(mailbox)}:{Day(day)}{_suffix}";

    /// <summary>string: who polls this mailbox now.</summary>
    public RedisKey MailboxLock(string mailbox) => $"email_ingestion_poll_lease:{Escape(mailbox)}{_suffix}";

    /// <summary>string: the consumer of this name is alive. In two pieces, since a script makes these names from the group's list.</summary>
    public RedisKey Consumer(string name) => ConsumerPrefix + Escape(name) + _suffix;

    public static string ConsumerPrefix => "email_ingestion_consumer:";

    /// <summary>The patterns of all our keys, for an ACL.</summary>
    public const string All = "email_ingestion_* ~idempotency:*";

    public string Suffix => _suffix;

    public static bool IsPartitionName(string name) => PartitionName().IsMatch(name);

    // Braces would be taken for a hash tag.
    private static string Escape(string text) =>
        text.Replace("%", "%25", StringComparison.Ordinal)
            .Replace("{", "%7B", StringComparison.Ordinal)
            .Replace("}", "%7D", StringComparison.Ordinal);

    private static string Day(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex PartitionName();
}
