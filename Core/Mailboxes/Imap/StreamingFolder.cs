using MailKit;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// MailKit's folder, which otherwise holds each body until all of it has come, in one array if it is no large one. With a sink it passes
/// the bytes of the requested body to the sink, in pieces of at most 4 KiB, and drops the bytes of all others.
/// </summary>
internal sealed class StreamingFolder(ImapFolderConstructorArgs args) : ImapFolder(args)
{
    /// <summary>Takes the next body; null when MailKit holds bodies as usual.</summary>
    public BodySink? Sink { get; set; }

    protected override Stream CreateStream(UniqueId? uid, string section, int offset, int length)
    {
        if (Sink is null && section.Length == 0 && length is > 0 and <= PooledBody.MaxBytes)
            return PooledBody.Rent(length);
        if (Sink is null)
            return base.CreateStream(uid, section, offset, length);
        return new SinkStream(section.Length == 0 && Sink.Begin(uid?.Id, offset, length) ? Sink : null);
    }

    /// <summary>Fetches the body of an email, or the part that the sink requests. False: the server returns nothing.</summary>
    public bool TryFetch(UniqueId uid, BodySink sink)
    {
        try
        {
            using var stream = sink.Count is { } count ? GetStream(uid, "", (int)sink.Offset, count) : GetStream(uid, "");
            return true;
        }
        catch (MessageNotFoundException)
        {
            return false;
        }
    }
}
