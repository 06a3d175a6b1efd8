namespace EmailIngestion.Messages.Bytes;

/// <summary>
/// The bytes of a message, or a part of them: in memory, or in a file. Several threads may read at a time. What reads them never needs to
/// know where they are, and copies no more than it asks for.
/// </summary>
internal abstract class ByteSource
{
    private const int BlockLength = 64 * 1024;

    /// <summary>In bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Whether the bytes are in memory, so that <see cref="Head"/> and <see cref="Load"/> cost nothing.</summary>
    public virtual bool IsInMemory => false;

    /// <summary>Reads up to a buffer's length from an offset. Fewer bytes only at the end.</summary>
    public abstract int Read(long offset, Span<byte> buffer);

    /// <inheritdoc cref="Read"/>
    public virtual ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        new(Read(offset, buffer.Span));

    /// <summary>Charges memory that is needed for these bytes to what the process may use. It waits until there is room.</summary>
    public virtual void Charge(long bytes, CancellationToken cancellationToken)
    {
        // What is in memory is charged already.
    }

    /// <summary>All of the bytes in memory. They are charged if they were not.</summary>
    public virtual ReadOnlyMemory<byte> Load(CancellationToken cancellationToken)
    {
        Charge(Length, cancellationToken);
        return Copy(Length);
    }

    /// <summary>The first bytes: all of them where they are in memory, else at most as many as asked for.</summary>
    public virtual ReadOnlyMemory<byte> Head(int length) => Copy(Math.Min(length, Length));

    /// <summary>A part of the bytes.</summary>
    public virtual ByteSource Slice(long start, long length) => new SlicedSource(this, start, length);

    /// <summary>Opens the bytes as a stream with a position of its own.</summary>
    public virtual Stream Open() => new SourceStream(this);

    /// <summary>Whether there are only blanks.</summary>
    public bool IsBlank() => !AnyBlock(static block => !block.Trim(" \t\r\n"u8).IsEmpty, overlap: 0);

    /// <summary>Whether a block of the bytes has something. Each block begins with the end of the one before.</summary>
    /// <param name="has">Looks at a block.</param>
    /// <param name="overlap">How many bytes of a block are in the next one too.</param>
    public bool AnyBlock(Predicate<ReadOnlySpan<byte>> has, int overlap)
    {
        if (IsInMemory)
            return has(Head(0).Span);
        var block = new byte[Math.Min(Length, BlockLength)];
        for (var at = 0L; at < Length; at += block.Length - overlap)
        {
            var read = Read(at, block);
            if (has(block.AsSpan(0, read)))
                return true;
            if (at + read >= Length)
                break;
        }

        return false;
    }

    private byte[] Copy(long length)
    {
        var bytes = GC.AllocateUninitializedArray<byte>(checked((int)length));
        return Read(0, bytes) == bytes.Length ? bytes : throw new EndOfStreamException("The message ends early.");
    }
}
