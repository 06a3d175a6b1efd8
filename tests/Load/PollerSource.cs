using EmailIngestion.DevServers;
using EmailIngestion.Streams;

namespace EmailIngestion.Load;

/// <summary>The emails of a Dovecot, and the product's poller in a process of its own, whose memory is its own too.</summary>
internal sealed class PollerSource(
    LoadOptions options, IEnumerable<KeyValuePair<string, string>> settings, StreamPartition partition, string folder) : ILoadSource
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _time = TimeProvider.System;
    private LoadMailServer? _server;
    private ServerProcess? _poller;

    public double BeforeStart { get; private set; }

    public int? ProcessId => _poller?.Id;

    public async Task PrepareAsync(CancellationToken cancellationToken) =>
        _server = await LoadMailServer.StartAsync(options, _time, cancellationToken);

    public async Task<TimeSpan> ProduceAsync(CancellationToken cancellationToken)
    {
        var all = new Dictionary<string, string>(settings)
        {
            ["Polling:Enabled"] = "true",
            ["Polling:MaxWatched"] = "0",
            ["Consumer:Enabled"] = "false",
            ["POLL_SCHEDULE"] = "* * * * * *",
            // It processes nothing, as it does not consume.
            [LoadWorker.DelaySetting] = "0",
        };
        foreach (var (name, value) in _server!.Mailbox(partition.Keys.Partition))
            all[$"Mailboxes:0:{name}"] = value!;
        var started = _time.GetTimestamp();
        BeforeStart = (_time.GetUtcNow() - _server.Received).TotalSeconds;
        _poller = LoadFleet.Start(all, Path.Combine(folder, "poller"));
        while ((await partition.Stream.Mailboxes.ReadCursorAsync(LoadMail.Mailbox, cancellationToken))?.Last is not { } last
            || last < options.Emails)
        {
            if (_poller.HasExited)
                throw new LoadException($"The poller ended unexpectedly. Its last output: {_poller.LastOutput}");
            await Task.Delay(Pause, _time, cancellationToken);
        }

        return _time.GetElapsedTime(started);
    }

    public async ValueTask DisposeAsync()
    {
        if (_poller is not null)
        {
            await _poller.StopAsync(LoadFleet.StopsWithin);
            await _poller.DisposeAsync();
        }

        if (_server is not null)
            await _server.DisposeAsync();
    }
}
