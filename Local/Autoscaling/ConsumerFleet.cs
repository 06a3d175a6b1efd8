using EmailIngestion.DevServers;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>
/// The replicas on this machine: processes of this program, each a consumer with its own name. A consumer that ends by itself is replaced
/// after a pause, which doubles each time.
/// </summary>
/// <param name="start">Starts a consumer of the given name.</param>
/// <param name="grace">The time a consumer has after SIGTERM to finish; it is then killed.</param>
/// <param name="report">Receives one line for each event.</param>
/// <param name="time">The clock.</param>
internal sealed class ConsumerFleet(Func<string, ServerProcess> start, TimeSpan grace, Action<string> report, TimeProvider time)
    : IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly string _prefix = $"autoscaled-{Guid.NewGuid().ToString("N")[..6]}";
    private readonly List<Member> _running = [];
    private readonly List<Task> _stopping = [];
    private TimeSpan _pause = ShortestPause;
    private DateTimeOffset _notBefore;
    private int _started;

    /// <summary>Consumers that run and were not told to stop.</summary>
    public int Running => _running.Count(member => !member.Process.HasExited);

    /// <summary>Consumers that were asked to stop and have not ended yet.</summary>
    public int Stopping => _stopping.Count(task => !task.IsCompleted);

    /// <summary>The process IDs of the running consumers.</summary>
    public IReadOnlyList<int> ProcessIds => [.. _running.Where(member => !member.Process.HasExited).Select(member => member.Process.Id)];

    /// <summary>Starts missing consumers, and tells surplus ones to stop, the newest first. It does not wait for them.</summary>
    public void Adjust(int wanted)
    {
        _stopping.RemoveAll(task => task.IsCompletedSuccessfully);
        RemoveEnded();
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

    /// <summary>Stops all consumers and waits for their end.</summary>
    public async ValueTask DisposeAsync()
    {
        Adjust(0);
        await Task.WhenAll(_stopping);
    }

    private void RemoveEnded()
    {
        foreach (var member in _running.Where(member => member.Process.HasExited).ToArray())
        {
            _running.Remove(member);
            _stopping.Add(StopAsync(member));
            // A consumer that ran this long started well.
            if (time.GetUtcNow() - member.Started > LongestPause)
                _pause = ShortestPause;
            _notBefore = time.GetUtcNow() + _pause;
            report($"{member.Name} ended by itself: {LastLine(member.Process.LastOutput)} (next start in {_pause.TotalSeconds:0} s)");
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
        }
    }

    private async Task StopAsync(Member member)
    {
        var stopping = time.GetTimestamp();
        await member.Process.StopAsync(grace);
        if (time.GetElapsedTime(stopping) >= grace)
        {
            report(
                $"{member.Name} had not ended {grace.TotalSeconds:0} s after SIGTERM and was killed; "
                + "other consumers take over its deliveries.");
        }

        await member.Process.DisposeAsync();
    }

    // Skips the frames of a stack trace.
    private static string LastLine(string output) =>
        output.Split('\n').LastOrDefault(line => line.Length > 0 && !char.IsWhiteSpace(line[0])) ?? "no output";

    private sealed record Member(string Name, ServerProcess Process, DateTimeOffset Started);
}
