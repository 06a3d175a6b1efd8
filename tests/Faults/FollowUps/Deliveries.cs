namespace EmailIngestion.Faults.FollowUps;

/// <summary>
/// Records which emails the inboxes have received. It cannot be read from them at the end, because follow-ups move and delete emails.
/// </summary>
internal sealed class Deliveries
{
    private readonly Lock _gate = new();
    private readonly List<(string Mailbox, uint Uid, int Number)> _mails = [];
    private readonly Dictionary<string, uint> _next = new(StringComparer.Ordinal);

    /// <summary>The emails so far.</summary>
    public IReadOnlyList<(string Mailbox, uint Uid, int Number)> All
    {
        get
        {
            lock (_gate)
                return [.. _mails];
        }
    }

    /// <summary>Records an append that the server has confirmed.</summary>
    /// <remarks>
    /// An append whose confirmation was lost is repeated. It stores all of its emails or none (RFC 3502), and this server leaves no UID
    /// out. So UIDs that are skipped are those of the first attempts.
    /// </remarks>
    public void Add(string mailbox, IReadOnlyList<uint> uids, IReadOnlyList<int> numbers)
    {
        lock (_gate)
        {
            var next = _next.GetValueOrDefault(mailbox, 1u);
            if (uids[0] < next || (uids[0] - next) % numbers.Count != 0 || uids[^1] - uids[0] + 1 != numbers.Count)
            {
                throw new InvalidOperationException(
                    $"{mailbox} gave {numbers.Count} emails the UIDs {uids[0]} to {uids[^1]} after {next - 1}.");
            }

            for (var uid = next; uid <= uids[^1]; uid++)
                _mails.Add((mailbox, uid, numbers[(int)(uid - next) % numbers.Count]));
            _next[mailbox] = uids[^1] + 1;
        }
    }
}
