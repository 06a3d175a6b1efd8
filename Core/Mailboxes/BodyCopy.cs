using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using EmailIngestion.Bodies;
using EmailIngestion.Messages;
using EmailIngestion.Streams;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// One body on its way from the mail server to the store: its beginning, which is kept, its digest, and two pieces, one of which is filled
/// while the store writes the other. A body that is no longer than the kept beginning is not written. Blocks.
/// </summary>
/// <param name="buffers">The memory.</param>
/// <param name="upload">The write to the store.</param>
/// <param name="waits">Measures the waits for the store.</param>
/// <param name="cancellationToken">Ends the writes.</param>
internal sealed class BodyCopy(PieceBuffers buffers, BodyUpload upload, StoreWait waits, CancellationToken cancellationToken)
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private Task _writing = Task.CompletedTask;
    private Memory<byte> _piece = buffers.First;
    private int _kept;
    private int _filled;
    private byte[]? _sha256;

    /// <summary>The bytes so far.</summary>
    public long Length { get; private set; }

    /// <summary>The beginning of the body.</summary>
    public ReadOnlyMemory<byte> Head => buffers.Head[.._kept];

    /// <summary>Whether the body is longer than its kept beginning, and so goes to the store.</summary>
    public bool IsStreamed { get; private set; }

    /// <summary>Why the store did not take it; null when it did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The SHA-256 of the body. Nothing can be written afterwards.</summary>
    public byte[] Sha256 => _sha256 ??= _hash.GetHashAndReset();

    /// <summary>Takes the next bytes.</summary>
    /// <exception cref="BodyRefusedException">The store does not take them. <see cref="Failure"/> says why.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        Length += bytes.Length;
        var kept = Math.Min(bytes.Length, buffers.Head.Length - _kept);
        bytes[..kept].CopyTo(buffers.Head.Span[_kept..]);
        _kept += kept;
        for (bytes = bytes[kept..]; bytes.Length > 0;)
        {
            if (!IsStreamed)
                Send(Head);
            var count = Math.Min(bytes.Length, _piece.Length - _filled);
            bytes[..count].CopyTo(_piece.Span[_filled..]);
            _filled += count;
            bytes = bytes[count..];
            if (_filled == _piece.Length)
                SendPiece();
        }
    }

    /// <summary>Writes the rest, and gives the body its name.</summary>
    /// <exception cref="BodyStoreException">The store does not take it.</exception>
    public StreamedBody Complete(EmailId id)
    {
        try
        {
            if (_filled > 0)
                SendPiece();
            Wait(_writing);
            var completed = upload.CompleteAsync(id, Length, Convert.ToHexStringLower(Sha256), cancellationToken);
            Wait(completed);
            return new StreamedBody(completed.GetAwaiter().GetResult(), Sha256);
        }
        catch (BodyRefusedException) when (Failure is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
            throw;
        }
    }

    /// <summary>
    /// Ends the copy, and deletes what was not completed. Afterwards the buffers are free, unless <see cref="Failure"/> says that the store
    /// failed.
    /// </summary>
    public void End()
    {
        _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
        Failure ??= _writing.Exception?.InnerException;
        upload.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _hash.Dispose();
    }

    private void SendPiece()
    {
        Send(_piece[.._filled]);
        _filled = 0;
        _piece = _piece.Equals(buffers.First) ? buffers.Second : buffers.First;
    }

    // Waits until the store has taken the former one.
    private void Send(ReadOnlyMemory<byte> piece)
    {
        IsStreamed = true;
        Wait(_writing);
        _writing = upload.WriteAsync(piece, cancellationToken);
    }

    // The exception goes through MailKit, and must not look like one of the mail server.
    private void Wait(Task writing)
    {
        try
        {
            waits.For(writing, cancellationToken);
        }
        catch (Exception e)
        {
            Failure = e;
            throw new BodyRefusedException();
        }
    }
}
