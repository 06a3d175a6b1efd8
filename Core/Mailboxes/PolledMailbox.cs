using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>A mailbox that this process polls: its settings, its stream, and its state between polls.</summary>
/// <param name="options">The settings.</param>
/// <param name="stream">The stream of its partition.</param>
/// <param name="hints">The hints on disk.</param>
/// <param name="time">The clock.</param>
internal sealed class PolledMailbox(MailboxOptions options, EmailStream stream, HintFiles hints, TimeProvider time)
{
    public string Name { get; } = options.Name;

    public MailboxOptions Options => options;

    public EmailStream Stream => stream;

    /// <summary>The cursor and the reported state in Redis.</summary>
    public MailboxState State => stream.Mailboxes;

    public MailboxMemory Memory { get; } = new(options.Name, hints);

    public MailboxBackOff BackOff { get; } = new(time);

    /// <summary>
    /// The lock between processes. All polls of this process acquire it as one holder, and one of them runs at a time. If a poll could not
    /// release it during an outage of Redis, the next poll acquires it again without waiting for its expiry.
    /// </summary>
    public MailboxLock Lock { get; } = new(options.Name, Guid.NewGuid().ToString("N"), stream);
}
