using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>
/// Keeps in Redis where the target folder ended before a copy, so that a copy whose confirmation was lost is found and not made twice.
/// The calls of the thread that copies block.
/// </summary>
internal sealed class CopyJournal(MailboxState state, string mailbox, CancellationToken cancellationToken)
{
    private bool _isOpen;

    /// <summary>The mark of copies that may have been made; null when there is none.</summary>
    public CopyMark? Read()
    {
        var mark = CopyMark.Parse(state.ReadCopyMarkAsync(mailbox, cancellationToken).GetAwaiter().GetResult());
        _isOpen = mark is not null;
        return mark;
    }

    /// <summary>Writes the mark before the copies are made.</summary>
    public void Write(CopyMark mark)
    {
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
