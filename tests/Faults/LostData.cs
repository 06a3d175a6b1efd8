using EmailIngestion.Servers;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>
/// Lists the dead letters of a Redis that is about to lose its data, each as <c>dead-letter mailbox uid</c>, and its notes of follow-ups,
/// each as <c>note key value</c>.
/// </summary>
internal static class LostData
{
    private const string Script = """
        local lost = {}
        for _, key in ipairs(ARGV) do
          for _, entry in ipairs(redis.call('XRANGE', key, '-', '+')) do
            local fields = {}
            for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
            lost[#lost + 1] = 'dead-letter ' .. (fields['mailbox'] or '') .. ' ' .. (fields['uid'] or '')
          end
        end
        for _, key in ipairs(redis.call('KEYS', 'email_ingestion_notes:*')) do
          for _, note in ipairs(redis.call('ZRANGE', key, '0', '-1')) do lost[#lost + 1] = 'note ' .. key .. ' ' .. note end
        end
        """;

    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    public static async Task<IReadOnlyList<string>> ReadSnapshotAsync(
        RedisNode node, IEnumerable<string> partitions, CancellationToken cancellationToken) =>
        Lines(await node.AskAsync(cancellationToken, ["EVAL_RO", $"{Script} return lost", "0", .. KeysOf(partitions)]));

    /// <summary>Lists the data and flushes the primary in one step, so that no write comes in between.</summary>
    public static async Task<IReadOnlyList<string>> FlushAsync(
        RedisNode primary, IEnumerable<string> partitions, CancellationToken cancellationToken)
    {
        string[] command = ["EVAL", $"{Script} redis.call('FLUSHALL') return lost", "0", .. KeysOf(partitions)];
        while (true)
        {
            var answer = await primary.AskAsync(cancellationToken, command);
            // A primary without its replicas accepts no writes.
            if (!answer.Contains("NOREPLICAS", StringComparison.Ordinal))
                return Lines(answer);
            await Task.Delay(Again, TimeProvider.System, cancellationToken);
        }
    }

    private static IEnumerable<string> KeysOf(IEnumerable<string> partitions) =>
        partitions.Select(name => new StreamKeys(name).DeadLetters.ToString());

    private static string[] Lines(string answer) =>
        answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
