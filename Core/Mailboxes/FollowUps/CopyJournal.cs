using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>
/// Keeps in Redis which emails are copied and where the target folder ended before that, so that a copy whose confirmation was lost is
/// found and not made twice. Each target has a mark of its own: copies to one may wait while emails are copied to another. The calls of
/// the thread that copies block.
/// </summary>
internal sealed class CopyJournal(MailboxState state, string mailbox, MailboxLock mailboxLock, CancellationToken cancellationToken)
{
    // One mark a line: the names of folders have no line breaks.
    private const char Separator = '\n';

    private CopyMark[] _others = [];
    private bool _isOpen;

    /// <summary>The mark of copies to a folder that may have been made; null when there is none.</summary>
    public CopyMark? Read(string target)
    {
        var text = state.ReadCopyMarksAsync(mailbox, cancellationToken).GetAwaiter().GetResult();
        var marks = text.Split(Separator).Select(CopyMark.Parse).OfType<CopyMark>().ToLookup(mark => mark.Folder == target);
        _others = [.. marks[false]];
        _isOpen = marks[true].Any();
        return marks[true].FirstOrDefault();
    }

    /// <summary>Writes the mark before the copies are made, and after it. It was read before.</summary>
    /// <exception cref="MailboxLockLostException">Another poll may make the same copies.</exception>
    public void Write(CopyMark mark)
    {
        if (!mailboxLock.AcquireAsync(cancellationToken).GetAwaiter().GetResult())
            throw new MailboxLockLostException();
        WriteAsync([.. _others, mark]).GetAwaiter().GetResult();
        _isOpen = true;
    }

    /// <summary>Removes the mark when the notes of the copies are removed.</summary>
    public async Task EndAsync()
    {
        if (_isOpen)
            await WriteAsync(_others);
        _isOpen = false;
    }

    private Task WriteAsync(IEnumerable<CopyMark> marks) =>
        state.WriteCopyMarksAsync(mailbox, string.Join(Separator, marks.Select(mark => mark.Text)), cancellationToken);
}
