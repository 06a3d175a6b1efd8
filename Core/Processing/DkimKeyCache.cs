using EmailIngestion.Messages.Authentication;

namespace EmailIngestion.Processing;

/// <summary>Keeps answers to questions for DKIM keys for their time to live. It is bounded: a sender chooses the names.</summary>
internal sealed class DkimKeyCache(TimeProvider time)
{
    /// <summary>The most answers that are kept.</summary>
    public const int Most = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (DkimKeyAnswer Answer, DateTimeOffset Until)> _answers = new(StringComparer.Ordinal);

    /// <summary>The kept answer; null when there is none.</summary>
    public DkimKeyAnswer? Find(string name)
    {
        lock (_lock)
            return _answers.TryGetValue(name, out var kept) && kept.Until > time.GetUtcNow() ? kept.Answer : null;
    }

    /// <summary>Keeps an answer. When the cache is full, it removes what is over, or else everything.</summary>
    public void Keep(string name, DkimKeyAnswer answer, TimeSpan life)
    {
        var now = time.GetUtcNow();
        lock (_lock)
        {
            if (_answers.Count >= Most)
            {
                foreach (var (other, _) in _answers.Where(kept => kept.Value.Until <= now).ToList())
                    _answers.Remove(other);
            }

            if (_answers.Count >= Most)
                _answers.Clear();
            _answers[name] = (answer, now + life);
        }
    }
}
