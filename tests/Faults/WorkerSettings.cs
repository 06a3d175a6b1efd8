using System.Globalization;
using EmailIngestion.Bodies;
using EmailIngestion.Faults.FollowUps;

namespace EmailIngestion.Faults;

/// <summary>The settings of the tested processes. All times are short, so that much happens in little time.</summary>
internal static class WorkerSettings
{
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan WebhookTimeout = TimeSpan.FromSeconds(5);

    public static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(3);

    /// <summary>Longer than a failover of the run takes back.</summary>
    public static readonly TimeSpan FollowUpDelay = TimeSpan.FromSeconds(3);

    public static Dictionary<string, string> OfConsumer(RedisServers redis, string url, int limit, BodiesOptions bodies) =>
        new(Common(redis, limit, bodies))
        {
            ["Processing:Processor"] = "webhook",
            ["Webhook:Url"] = url,
            ["Webhook:Secret"] = "0123456789abcdef01234567",
            ["Webhook:Timeout"] = $"{WebhookTimeout}",
            ["Processing:Retries"] = "1",
            ["Processing:BreakDuration"] = "00:00:01",
            ["Consumer:Lease"] = $"{Lease}",
            ["Consumer:LeaseRenewal"] = "00:00:01",
            ["Consumer:ReclaimInterval"] = "00:00:01",
            ["Consumer:BlockTimeout"] = "00:00:02",
            ["Consumer:ShutdownGrace"] = $"{ShutdownGrace}",
        };

    public static Dictionary<string, string> OfPoller(
        RedisServers redis, Mailboxes mailboxes, PollerRelays? relays, int limit, BodiesOptions bodies) =>
        new(Common(redis, limit, bodies).Concat(mailboxes.Settings(redis.Partitions, relays)))
        {
            ["Polling:ServerTimeout"] = "00:00:10",
            ["Polling:FollowUpDelay"] = $"{FollowUpDelay}",
        };

    private static IEnumerable<KeyValuePair<string, string>> Common(RedisServers redis, int limit, BodiesOptions bodies)
    {
        yield return new("Bodies:Store", bodies.Store.ToString());
        yield return new("Bodies:Folder", bodies.Folder);
        yield return new("Streams:MaxStreamLength", string.Create(CultureInfo.InvariantCulture, $"{limit}"));
        yield return new("Streams:ConnectionString", redis.ConnectionString);
        yield return new("Logging:Console:LogLevel:Default", "Information");
        var index = 0;
        foreach (var partition in redis.Partitions.Where(name => name.Length > 0))
            yield return new(string.Create(CultureInfo.InvariantCulture, $"Streams:Partitions:{index++}"), partition);
    }
}
