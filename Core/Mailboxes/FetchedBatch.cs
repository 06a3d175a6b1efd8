namespace EmailIngestion.Mailboxes;

/// <summary>A batch of fetched emails. Their bodies are in pooled arrays until <see cref="Recycle"/>.</summary>
/// <param name="share">The poll's share of the budget, from which the bytes are taken.</param>
internal sealed class FetchedBatch(BudgetShare share)
{
    private readonly List<byte[]> _pooled = [];

    private long _taken;
    private long _read;

    /// <summary>The emails, ascending by UID.</summary>
    public List<FetchedEmail> Emails { get; } = [];

    /// <summary>Waits for room for all bodies at once. A poll that waited with half of its bytes would block other polls.</summary>
    public void Reserve(long bytes, CancellationToken cancellationToken)
    {
        if (bytes == 0)
            return;
        share.Take(bytes, cancellationToken);
        _taken += bytes;
    }

    /// <summary>Reads a body into a pooled array. Without the pool every attachment would be a new large object.</summary>
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

    /// <summary>
    /// Returns arrays and bytes. Call it only after a successful append: a failed append may still be sending the bodies.
    /// </summary>
    public void Recycle()
    {
        foreach (var buffer in _pooled)
            share.Buffers.Return(buffer);
        _pooled.Clear();
        // Otherwise a reference to the batch would keep the bodies alive.
        Emails.Clear();
        share.Release(_taken);
        _taken = 0;
    }

    // Stream.ReadExactly reads into a span. MailKit's streams read into arrays only, so the base class rents an array as large as the body
    // from the shared pool. That pool keeps it for the poll's thread until the poll ends.
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
