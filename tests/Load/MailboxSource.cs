using EmailIngestion.Hosting;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Load;

/// <summary>A real Dovecot with all the emails in it, over TLS, and the product's poller.</summary>
internal sealed class MailboxSource(LoadOptions options, LocalSettings settings, string partition, string folder) : ILoadSource
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _time = TimeProvider.System;
    private LoadMailServer? _server;
    private WebApplication? _host;

    public double BeforeStart { get; private set; }

    public int? ProcessId => null;

    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        _server = await LoadMailServer.StartAsync(options, _time, cancellationToken);
        settings.SetOnlyMailbox(_server.Mailbox(partition));
        settings["Polling:Enabled"] = "true";
        settings["Polling:MaxWatched"] = "0";
        _host = LocalHost.Build(settings, new LocalHostOptions(folder, null));
        IngestionHost.Validate(_host);
    }

    public async Task<TimeSpan> ProduceAsync(CancellationToken cancellationToken)
    {
        var poller = _host!.Services.GetRequiredService<PollService>();
        var stream = _host.Services.GetRequiredService<Streams.StreamPartitions>().Get(partition).Stream;
        var started = _time.GetTimestamp();
        BeforeStart = (_time.GetUtcNow() - _server!.Received).TotalSeconds;
        while (true)
        {
            var polls = await poller.PollAllAsync(cancellationToken);
            if (polls.Values.FirstOrDefault(poll => poll.End is PollEnd.Failed or PollEnd.Elsewhere) is { } failed)
                throw new LoadException($"The poll ended as {failed.End}: {failed.Error}");
            if ((await stream.Mailboxes.ReadCursorAsync(LoadMail.Mailbox, cancellationToken))?.Last >= options.Emails)
                return _time.GetElapsedTime(started);
            await Task.Delay(Pause, _time, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            // A poll that still runs ends with its connection.
            await _host.Services.GetRequiredService<PollService>().StopAsync(CancellationToken.None);
            await _host.DisposeAsync();
        }

        if (_server is not null)
            await _server.DisposeAsync();
    }
}
