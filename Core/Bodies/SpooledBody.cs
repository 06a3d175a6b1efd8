using System.Buffers;
using EmailIngestion.Messages.Bytes;

namespace EmailIngestion.Bodies;

/// <summary>
/// A body in a local file. It is verified while it is written, and only this process has the file, so that each later read returns what was
/// verified. Disposing it deletes the file; a read that comes later fails.
/// </summary>
internal sealed class SpooledBody(FileStream file, BodyReference body, BodySpool spool) : IDisposable
{
    private const int PieceBytes = 128 * 1024;

    private int _disposed;

    /// <summary>Writes the body. The stream verifies it.</summary>
    /// <param name="verified">The body, read to its end.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    /// <exception cref="BodyStoreException">The body cannot be read, or it is another one than its reference says.</exception>
    /// <exception cref="SpoolException">The file cannot be written.</exception>
    public async Task FillAsync(Stream verified, CancellationToken cancellationToken)
    {
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            var at = 0L;
            for (int read; (read = await verified.ReadAsync(piece.AsMemory(0, PieceBytes), cancellationToken)) > 0; at += read)
                await WriteAsync(piece.AsMemory(0, read), at, cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    /// <summary>The bytes of the body.</summary>
    /// <param name="charge">Charges memory. It waits until there is room.</param>
    public FileSource Open(Action<long, CancellationToken> charge) => new(file.SafeFileHandle, body.Size, charge);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        file.Dispose();
        spool.Leave(body.Size);
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> piece, long at, CancellationToken cancellationToken)
    {
        try
        {
            await RandomAccess.WriteAsync(file.SafeFileHandle, piece, at, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw spool.Failure(e);
        }
    }
}
