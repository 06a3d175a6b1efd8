using EmailIngestion.Mailboxes.Downloads;
using EmailIngestion.Mailboxes.SignIn;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// The mailboxes that this process polls. When the list changes, a mailbox whose settings stay the same keeps its state, and the running
/// poll of one that is changed or removed ends.
/// </summary>
internal sealed class PolledMailboxes : IDisposable
{
    private readonly MailboxList _list;
    private readonly StreamPartitions _partitions;
    private readonly HintFiles _hints;
    private readonly AccessTokens _tokens;
    private readonly PollingOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private PolledMailbox[] _all = [];

    public PolledMailboxes(
        MailboxList list,
        StreamPartitions partitions,
        HintFiles hints,
        AccessTokens tokens,
        IOptions<PollingOptions> options,
        TimeProvider time)
    {
        (_list, _partitions, _hints, _tokens, _options, _time) = (list, partitions, hints, tokens, options.Value, time);
        Apply(isStart: true);
        list.Changed += Apply;
    }

    /// <summary>Raised with the mailboxes that are no longer polled.</summary>
    public event Action<IReadOnlyList<PolledMailbox>>? Removed;

    /// <summary>Raised after each change.</summary>
    public event Action? Changed;

    public IReadOnlyList<PolledMailbox> All => Volatile.Read(ref _all);

    public void Dispose()
    {
        _list.Changed -= Apply;
        foreach (var mailbox in All)
            mailbox.Dispose();
    }

    private void Apply() => Apply(isStart: false);

    private void Apply(bool isStart)
    {
        List<PolledMailbox> gone = [];
        lock (_gate)
        {
            var former = _all.ToDictionary(mailbox => mailbox.Name, StringComparer.Ordinal);
            var (next, created) = (new List<PolledMailbox>(), new List<PolledMailbox>());
            foreach (var options in _list.Current)
            {
                former.Remove(options.Name, out var known);
                if (known is not null && ReferenceEquals(known.Options, options))
                {
                    next.Add(known);
                    continue;
                }

                known?.End();
                created.Add(Create(options, known));
                next.Add(created[^1]);
            }

            gone.AddRange(former.Values);
            // Also a mailbox with the same settings may be sent to try a corrected account: a renewed file, a consent.
            if (!isStart)
                ParkedMailboxes.Resume(next, created, _tokens);
            Volatile.Write(ref _all, [.. next]);
        }

        foreach (var mailbox in gone)
            mailbox.End();
        if (gone.Count > 0)
            Removed?.Invoke(gone);
        Changed?.Invoke();
    }

    // A mailbox with other settings begins without a back-off. Its position is the same, unless its stream is another one.
    private PolledMailbox Create(MailboxOptions options, PolledMailbox? former)
    {
        var keeps = former is not null && former.Options.Partition == options.Partition;
        var memory = keeps ? former!.Memory : new MailboxMemory(options.Name, _hints);
        // As kept refresh tokens: mailboxes of several partitions share what their account has downloaded.
        var downloads = DownloadBudget.Of(options, _options, _partitions.Served[0].Downloads);
        var mailbox = new PolledMailbox(options, _partitions.Get(options.Partition), memory, downloads, _time);
        mailbox.Pause.Set(mailbox.IsPaused);
        return mailbox;
    }
}
