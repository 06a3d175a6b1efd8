using EmailIngestion.Streams;
using StackExchange.Redis;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>One look at a stream and its group, all of the same moment.</summary>
/// <param name="Length">XLEN.</param>
/// <param name="Lag">As Redis tells it; -1 for null, by which KEDA would scale to zero.</param>
/// <param name="Unread">Entries above the last delivered one, counted.</param>
/// <param name="Pending">Entries delivered and not settled.</param>
internal sealed record StreamCounts(long Length, long Lag, long Unread, long Pending)
{
    private const string Script = """
        for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
          local group = {}
          for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
          if group['name'] == ARGV[1] then
            return {redis.call('XLEN', KEYS[1]), group['lag'] or -1, #redis.call('XRANGE', KEYS[1], '(' .. group['last-delivered-id'], '+'), group['pending']}
          end
        end
        """;

    public static async Task<StreamCounts> OfAsync(IDatabase database, RedisKey stream)
    {
        var reply = (long[])(await database.ScriptEvaluateAsync(Script, [stream], [StreamKeys.Group]))!;
        return new StreamCounts(reply[0], reply[1], reply[2], reply[3]);
    }
}
