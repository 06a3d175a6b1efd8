using EmailIngestion.DevServers;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>
/// The replicas of this machine: real processes of this very program, each a consumer of its own name. One that ends by itself is
/// replaced, after a pause that doubles while that goes on.
/// </summary>
/// <param name="start">Starts a consumer of the given name.</param>
/// <param name="grace">How long a consumer may finish what it has after SIGTERM; it is killed then.</param>
/// <param name="report">One line for people.</param>
/// <param name="time">The clock.</param>
internal sealed class ConsumerFleet(Func<string, ServerProcess> start, TimeSpan grace, Action<string> report, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly string _prefix = $"autoscaled-{Guid.NewGuid().ToString("N")[..6]}";
    private readonly List<Member> _running = [];
    private readonly List<Task> _stopping = [];
    private TimeSpan _pause = ShortestPause;
    private DateTimeOffset _notBefore;
    private int _started;

    /// <summary>Consumers that run and are to stay.</summary>
    public int Running => _running.Count(member => !member.Process.HasExited);

    /// <summary>Consumers that were told to end and have not yet.</summary>
    public int Stopping => _stopping.Count(task => !task.IsCompleted);

    /// <summary>The process ids of all that run, for those who look at them.</summary>
    public IReadOnlyList<int> ProcessIds => [.. _running.Where(member => !member.Process.HasExited).Select(member => member.Process.Id)];

    /// <summary>Starts what is missing and tells the newest of what is too many to end. Waits for nothing.</summary>
    public void Adjust(int wanted)
    {
        _stopping.RemoveAll(task => task.IsCompletedSuccessfully);
        Bury();
        while (_running.Count > wanted)
        {
            var last = _running[^1];
            _running.RemoveAt(_running.Count - 1);
            _stopping.Add(StopAsync(last));
        }

        while (_running.Count < wanted && time.GetUtcNow() >= _notBefore)
        {
            var name = $"{_prefix}-{++_started}";
            _running.Add(new Member(name, start(name), time.GetUtcNow()));
        }
    }

    /// <summary>Tells all to end and waits until they have.</summary>
    public async ValueTask DisposeAsync()
    {
        Adjust(0);
        await Task.WhenAll(_stopping);
    }

    private void Bury()
    {
        foreach (var member in _running.Where(member => member.Process.HasExited).ToArray())
        {
            _running.Remove(member);
            _stopping.Add(StopAsync(member));
            // One that lasted was no false start.
            if (time.GetUtcNow() - member.Started > LongestPause)
                _pause = ShortestPause;
            _notBefore = time.GetUtcNow() + _pause;
            report($"{member.Name} ended by itself: {LastWords(member.Process.LastOutput)} (the next start in {_pause.TotalSeconds:0} s)");
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }
    }

    private async Task StopAsync(Member member)
    {
        var stopping = time.GetTimestamp();
        await member.Process.StopAsync(grace);
        if (time.GetElapsedTime(stopping) >= grace)
            report($"{member.Name} had not ended {grace.TotalSeconds:0} s after SIGTERM and was killed; others take over what it had.");
        await member.Process.DisposeAsync();
    }

    // Without a stack trace's frames.
    private static string LastWords(string output) =>
        output.Split('\n').LastOrDefault(line => line.Length > 0 && !char.IsWhiteSpace(line[0])) ?? "it said nothing";

    private sealed record Member(string Name, ServerProcess Process, DateTimeOffset Started);
}
