using EmailIngestion.Mailboxes.Imap;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Runs the watches of this process, for at most <c>Polling:MaxWatched</c> mailboxes: the first ones of the list. They follow its changes.
/// </summary>
internal sealed class MailboxWatches(
    PolledMailboxes mailboxes,
    PollPlaces places,
    Func<PolledMailbox, MailboxWatch> create,
    IOptions<PollingOptions> options,
    ILogger<PollService> logger) : IHostedService
{
    private readonly Lock _gate = new();
    private readonly Dictionary<PolledMailbox, Run> _running = [];
    private bool _isStopping;
    private int _tooMany;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.Polls || options.Value.MaxWatched == 0)
            return Task.CompletedTask;
        places.Wanted += GiveWay;
        mailboxes.Changed += Apply;
        Apply();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        mailboxes.Changed -= Apply;
        places.Wanted -= GiveWay;
        Run[] left;
        lock (_gate)
        {
            _isStopping = true;
            left = [.. _running.Values];
            _running.Clear();
        }

        foreach (var run in left)
            run.End();
        Task ended = Task.WhenAll(left.Select(run => run.Watching));
        await ended.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Apply()
    {
        lock (_gate)
        {
            if (_isStopping)
                return;
            var watched = mailboxes.All.Where(mailbox => mailbox.Options.Watch ?? options.Value.WatchByDefault).ToArray();
            HashSet<PolledMailbox> chosen = [.. watched.Take(options.Value.MaxWatched)];
            foreach (var (mailbox, run) in _running.Where(running => !chosen.Contains(running.Key)).ToArray())
            {
                run.End();
                mailbox.IsWatched = false;
                _running.Remove(mailbox);
            }

            foreach (var mailbox in chosen.Where(mailbox => !_running.ContainsKey(mailbox)))
            {
                mailbox.IsWatched = true;
                _running[mailbox] = new Run(create(mailbox), mailbox.Ended);
            }

            var tooMany = watched.Length - chosen.Count;
            if (tooMany != _tooMany && tooMany > 0)
                Log.TooManyWatched(logger, chosen.Count, watched.Length, options.Value.MaxWatched);
            _tooMany = tooMany;
        }
    }

    // Of the account if possible: a connection of another one would have to be closed.
    private void GiveWay(ServerAccount account)
    {
        PolledMailbox[] watched;
        lock (_gate)
            watched = [.. _running.Keys];
        _ = watched.Any(mailbox => ServerAccount.Of(mailbox.Options) == account && mailbox.Watch.GiveWay())
            || (options.Value.ConnectionsPerHost > 0
                && watched.Any(mailbox => ServerAccount.Of(mailbox.Options).Host == account.Host && mailbox.Watch.GiveWay()));
    }

    private sealed class Run : IDisposable
    {
        private readonly CancellationTokenSource _stopping;
        private bool _isOver;

        public Run(MailboxWatch watch, CancellationToken ended)
        {
            _stopping = CancellationTokenSource.CreateLinkedTokenSource(ended);
            Watching = WatchAsync(watch);
        }

        public Task Watching { get; }

        public void End()
        {
            lock (_stopping)
            {
                if (!_isOver)
                    _stopping.Cancel();
            }
        }

        public void Dispose() => _stopping.Dispose();

        private async Task WatchAsync(MailboxWatch watch)
        {
            await watch.RunAsync(_stopping.Token);
            lock (_stopping)
            {
                _isOver = true;
                Dispose();
            }
        }
    }
}
