using System.Security.Cryptography;
using EmailIngestion.Messages;

namespace EmailIngestion.Bodies;

/// <summary>
/// Reads a body and verifies its size and its SHA-256. A read past the expected size fails at once; the read that finds the end fails
/// when the digest is another. Nothing may take effect before the end has been read.
/// </summary>
/// <param name="inner">The body as the store returns it.</param>
/// <param name="body">What the body must be.</param>
/// <param name="failure">Recognises a failure of the store; null for other exceptions.</param>
internal sealed class VerifiedBody(Stream inner, BodyReference body, Func<Exception, BodyStoreException?> failure) : ReadOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _read;
    private bool _verified;

    /// <summary>Called once: without a failure when the end was verified, with it when the body cannot be read or does not match.</summary>
    public Action<BodyFailure?>? Ended { get; set; }

    public override long Length => body.Size;

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// Opens a body whose length the store knows. A reference with another size fails here: nothing is allocated for a size that is not
    /// there.
    /// </summary>
    /// <param name="inner">The body as the store returns it. It is disposed after a failure.</param>
    /// <param name="length">Its length in the store.</param>
    /// <param name="body">What the body must be.</param>
    /// <param name="failure">Recognises a failure of the store; null for other exceptions.</param>
    /// <exception cref="BodyStoreException">The length is another one.</exception>
    public static VerifiedBody Open(Stream inner, long length, BodyReference body, Func<Exception, BodyStoreException?> failure)
    {
        if (length == body.Size)
            return new VerifiedBody(inner, body, failure);
        inner.Dispose();
        throw new BodyStoreException(
            BodyFailure.Mismatch, $"Body {body.Name} has {length} bytes, and its reference says {body.SizeText}.");
    }

    /// <summary>Reads the whole of a body and verifies it.</summary>
    public static async Task<byte[]> ReadAllAsync(Stream verified, BodyReference body, CancellationToken cancellationToken)
    {
        var content = GC.AllocateUninitializedArray<byte>(checked((int)body.Size));
        await verified.ReadExactlyAsync(content, cancellationToken);
        // Finds the end, which verifies the digest.
        _ = await verified.ReadAsync(new byte[1], cancellationToken);
        return content;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = inner.Read(buffer);
        }
        catch (Exception e) when (failure(e) is { } known)
        {
            End(known.Failure);
            throw known;
        }

        Take(buffer[..count], buffer.Length);
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (failure(e) is { } known)
        {
            End(known.Failure);
            throw known;
        }

        Take(buffer.Span[..count], buffer.Length);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Take(ReadOnlySpan<byte> bytes, int asked)
    {
        _read += bytes.Length;
        if (_read > body.Size)
            throw Mismatch($"more than the {body.SizeText} bytes of its reference");
        _hash.AppendData(bytes);
        if (bytes.Length > 0 || asked == 0 || _verified)
            return;
        if (_read < body.Size)
            throw Mismatch($"{_read} bytes, and its reference says {body.SizeText}");
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(digest);
        if (Convert.ToHexStringLower(digest) != body.Sha256)
            throw Mismatch("another SHA-256 than its reference");
        _verified = true;
        End(null);
    }

    private BodyStoreException Mismatch(string has)
    {
        End(BodyFailure.Mismatch);
        return new BodyStoreException(BodyFailure.Mismatch, $"Body {body.Name} has {has}.");
    }

    private void End(BodyFailure? how)
    {
        Ended?.Invoke(how);
        Ended = null;
    }
}
