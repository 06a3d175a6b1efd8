using Microsoft.Extensions.Options;

namespace EmailIngestion.Mailboxes;

/// <summary>The mailboxes of this process, which may change while it runs.</summary>
internal sealed class MailboxList(IOptions<PollingOptions> options)
{
    private IReadOnlyList<MailboxOptions> _current = options.Value.Mailboxes;

    /// <summary>Raised after a change.</summary>
    public event Action? Changed;

    public IReadOnlyList<MailboxOptions> Current => Volatile.Read(ref _current);

    /// <summary>Replaces the list. A mailbox whose settings are the same keeps its options.</summary>
    /// <returns>How many mailboxes are new, have other settings, and are gone.</returns>
    public (int Added, int Changed, int Removed) Change(IReadOnlyList<MailboxOptions> mailboxes)
    {
        var former = Current.ToDictionary(mailbox => mailbox.Name, StringComparer.Ordinal);
        var (added, changed) = (0, 0);
        var next = new List<MailboxOptions>(mailboxes.Count);
        foreach (var mailbox in mailboxes)
        {
            var known = former.Remove(mailbox.Name, out var before) ? before : null;
            if (known is null)
                added++;
            else if (!mailbox.IsSame(known))
                changed++;
            next.Add(known is not null && mailbox.IsSame(known) ? known : mailbox);
        }

        Volatile.Write(ref _current, next);
        Changed?.Invoke();
        return (added, changed, former.Count);
    }
}
