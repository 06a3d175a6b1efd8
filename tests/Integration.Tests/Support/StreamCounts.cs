using EmailIngestion.Streams;
using StackExchange.Redis;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>One snapshot of a stream and its group.</summary>
/// <param name="Length">XLEN.</param>
/// <param name="Lag">The lag that Redis reports; -1 for null, with which KEDA would scale to zero.</param>
/// <param name="Unread">The number of entries above the last delivered one.</param>
/// <param name="Pending">The number of entries delivered and not settled.</param>
internal sealed record StreamCounts(long Length, long Lag, long Unread, long Pending)
{
    private const string Script = """
        for _, reply in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
          local group = {}
          for i = 1, #reply, 2 do group[reply[i]] = reply[i + 1] end
          if group['name'] == ARGV[1] then
            local unread = #redis.call('XRANGE', KEYS[1], '(' .. group['last-delivered-id'], '+')
            return {redis.call('XLEN', KEYS[1]), group['lag'] or -1, unread, group['pending']}
          end
        end
        """;

    public static async Task<StreamCounts> OfAsync(IDatabase database, RedisKey stream)
    {
        var reply = (long[])(await database.ScriptEvaluateAsync(Script, [stream], [StreamKeys.Group]))!;
        return new StreamCounts(reply[0], reply[1], reply[2], reply[3]);
    }
}
