using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>
/// Keeps in Redis which emails are copied and where the target folder ended before that, so that a copy whose confirmation was lost is found
/// and not made twice. The calls of the thread that copies block.
/// </summary>
internal sealed class CopyJournal(MailboxState state, string mailbox, MailboxLock mailboxLock, CancellationToken cancellationToken)
{
    private bool _isOpen;

    /// <summary>The mark of copies that may have been made; null when there is none.</summary>
    public CopyMark? Read()
    {
        var mark = CopyMark.Parse(state.ReadCopyMarkAsync(mailbox, cancellationToken).GetAwaiter().GetResult());
        _isOpen = mark is not null;
        return mark;
    }

    /// <summary>Writes the mark before the copies are made, and after it.</summary>
    /// <exception cref="MailboxLockLostException">Another poll may make the same copies.</exception>
    public void Write(CopyMark mark)
    {
        if (!mailboxLock.AcquireAsync(cancellationToken).GetAwaiter().GetResult())
            throw new MailboxLockLostException();
        state.WriteCopyMarkAsync(mailbox, mark.Text, cancellationToken).GetAwaiter().GetResult();
        _isOpen = true;
    }

    /// <summary>Removes the mark when the notes of the copies are removed.</summary>
    public async Task EndAsync()
    {
        if (_isOpen)
            await state.WriteCopyMarkAsync(mailbox, "", cancellationToken);
        _isOpen = false;
    }
}
