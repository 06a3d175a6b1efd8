using EmailIngestion.Streams;
using StackExchange.Redis;

namespace EmailIngestion.Bench.Sides;

/// <summary>Makes many dead letters, as an older version leaves them, but for the message: it has a key of its own.</summary>
internal static class DeadLetterFill
{
    /// <summary>The number of different fingerprints.</summary>
    public const int Groups = 200;

    private const int Mailboxes = 20;
    private const int Bytes = 2_000;

    public static string Fingerprint(int group) => $"{group:x16}";

    public static async Task RunAsync(IDatabase database, StreamKeys keys, int count)
    {
        var raw = new string('x', Bytes);
        foreach (var part in Enumerable.Range(1, count).Chunk(1_000))
        {
            await Task.WhenAll(part.SelectMany(i => new Task[]
            {
                database.StreamAddAsync(
                    keys.DeadLetters,
                    [
                        new("body", "apart"), new("reason", "permanent"), new("error-type", "Refused"),
                        new("error-message", $"Row {i} is wrong"), new("stack-trace", ""), new("fingerprint", Fingerprint(i % Groups)),
                        new("deliveries", 1), new("version", 1),
                        new("id", new byte[16]), new("mailbox", $"user{i % Mailboxes}@example.org/INBOX"), new("uid", i),
                        new("from", "Bob <bob@example.org>"), new("subject", $"Email {i}"), new("first-failure", "2026-01-01T00:00:00Z"),
                        new("replays", 0),
                    ],
                    $"{i}-0"),
                database.StringSetAsync(keys.DeadLetterBody($"{i}-0"), raw),
            }));
        }
    }
}
