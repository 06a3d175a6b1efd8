namespace EmailIngestion.Mailboxes;

/// <summary>A batch of fetched emails. Their bodies are in pooled arrays until <see cref="Recycle"/>.</summary>
/// <param name="share">The poll's share of the budget, from which the bytes are taken.</param>
internal sealed class FetchedBatch(BudgetShare share)
{
    private readonly List<byte[]> _pooled = [];

    private TaskCompletionSource? _appended;
    private long _taken;
    private long _read;

    /// <summary>The emails, ascending by UID.</summary>
    public List<FetchedEmail> Emails { get; } = [];

    /// <summary>Why its email cannot be stored now; null when it can.</summary>
    public Unstored? Unstored { get; set; }

    /// <summary>Completes when all of it is appended. It must be read before the batch is passed on.</summary>
    public Task Appended => (_appended ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>The bytes that it has reserved.</summary>
    public long Reserved => _taken;

    /// <summary>Begins a batch of the same poll.</summary>
    public FetchedBatch Another() => new(share);

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
        var buffer = RentBody(length);
        ReadExactly(body, buffer);
        return buffer;
    }

    /// <summary>Rents memory for a body, and takes its bytes from those that are reserved.</summary>
    public ArraySegment<byte> RentBody(int length)
    {
        _read += length;
        if (_read > _taken)
        {
            share.Grow(_read - _taken);
            _taken = _read;
        }

        return Rent(length);
    }

    /// <summary>Returns the memory of the body that was rented last. Nothing may read it any more.</summary>
    public void ReturnLast(int length)
    {
        share.Buffers.Return(_pooled[^1]);
        _pooled.RemoveAt(_pooled.Count - 1);
        _read -= length;
    }

    /// <summary>Returns the bytes that were reserved and that no body needs.</summary>
    public void Trim()
    {
        share.Release(_taken - _read);
        _taken = _read;
    }

    /// <summary>Rents memory until the batch is recycled.</summary>
    public ArraySegment<byte> Rent(int length)
    {
        var buffer = share.Buffers.Rent(length);
        _pooled.Add(buffer);
        return new ArraySegment<byte>(buffer, 0, length);
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
        _appended?.TrySetResult();
    }

    /// <summary>Returns the bytes, and the arrays unless something may still read them. Those are left to the garbage collector.</summary>
    public void Release(bool canReuse)
    {
        if (!canReuse)
            _pooled.Clear();
        Recycle();
    }

    // Stream.ReadExactly reads into a span. MailKit's streams read into arrays only, so the base class rents an array as large as the body
    // from the shared pool. That pool keeps it for the poll's thread until the poll ends.
    private static void ReadExactly(Stream body, ArraySegment<byte> buffer)
    {
        for (var at = 0; at < buffer.Count;)
        {
            var read = body.Read(buffer.Array!, buffer.Offset + at, buffer.Count - at);
            if (read == 0)
                throw new EndOfStreamException();
            at += read;
        }
    }
}
