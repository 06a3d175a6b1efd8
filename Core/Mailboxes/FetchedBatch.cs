namespace EmailIngestion.Mailboxes;

/// <summary>Emails fetched, ascending by UID, as the server gave them. Their bodies lie in pooled arrays until <see cref="Recycle"/>.</summary>
/// <param name="share">What the bytes are taken from.</param>
internal sealed class FetchedBatch(BudgetShare share)
{
    private readonly List<byte[]> _pooled = [];

    private long _taken;
    private long _read;

    public List<FetchedEmail> Emails { get; } = [];

    /// <summary>Waits for room for these bodies, all of them at once: a poll that waits with half of them would keep others waiting.</summary>
    public void Reserve(long bytes, CancellationToken cancellationToken)
    {
        if (bytes == 0)
            return;
        share.Take(bytes, cancellationToken);
        _taken += bytes;
    }

    /// <summary>Reads a body into a pooled array: bodies of all sizes come by the thousand, and those of attachments would each be a large object.</summary>
    public ReadOnlyMemory<byte> Read(Stream body)
    {
        var length = (int)body.Length;
        if (length == 0)
            return default;
        _read += length;
        if (_read > _taken)
        {
            share.Grow(_read - _taken);
            _taken = _read;
        }

        var buffer = share.Buffers.Rent(length);
        _pooled.Add(buffer);
        ReadExactly(body, buffer, length);
        return buffer.AsMemory(0, length);
    }

    /// <summary>Gives arrays and bytes back. Only after its append has succeeded: one that failed may still be on its way out.</summary>
    public void Recycle()
    {
        foreach (var buffer in _pooled)
            share.Buffers.Return(buffer);
        _pooled.Clear();
        // A reference to the batch does not keep the bodies.
        Emails.Clear();
        share.Release(_taken);
        _taken = 0;
    }

    // Stream.ReadExactly reads into a span. The mail library's streams know arrays only, and the base class rents one as large as the body for
    // them: the pool of the process keeps that one for the thread, which is the poll's, until the poll ends.
    private static void ReadExactly(Stream body, byte[] buffer, int length)
    {
        for (var at = 0; at < length;)
        {
            var read = body.Read(buffer, at, length - at);
            if (read == 0)
                throw new EndOfStreamException();
            at += read;
        }
    }
}
