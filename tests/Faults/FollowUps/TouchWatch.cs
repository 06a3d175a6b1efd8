using System.Collections.Concurrent;

namespace EmailIngestion.Faults.FollowUps;

/// <summary>Looks at the inboxes during the run, and records when an email first has a flag or is gone.</summary>
internal sealed class TouchWatch(Mailboxes mailboxes, TimeProvider time) : IAsyncDisposable
{
    private readonly Observer _observer = new(TimeSpan.FromSeconds(0.5), time);

    /// <summary>By mailbox and UID, a time at which the email was touched already.</summary>
    public ConcurrentDictionary<(string Mailbox, uint Uid), DateTimeOffset> Touched { get; } = new();

    public void Start() => _observer.Start(LookAsync);

    public ValueTask DisposeAsync() => _observer.DisposeAsync();

    private async Task LookAsync(CancellationToken stop)
    {
        // An email that arrives after this is not missed.
        var mails = mailboxes.Mails.ToLookup(mail => mail.Mailbox, mail => mail.Uid);
        for (var index = 0; index < mailboxes.Count; index++)
        {
            if (await mailboxes.FindUntouchedAsync(index, stop) is not { } untouched)
                continue;
            var now = time.GetUtcNow();
            var name = mailboxes.NameOf(index);
            foreach (var uid in mails[name].Where(uid => !untouched.Contains(uid)))
                Touched.TryAdd((name, uid), now);
        }
    }
}
