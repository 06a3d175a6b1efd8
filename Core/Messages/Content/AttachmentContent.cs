using System.Buffers;
using System.Security.Cryptography;

namespace EmailIngestion.Messages.Content;

/// <summary>The decoded content of an attachment. It refers to the bytes of the email and keeps no copy of them.</summary>
internal abstract class AttachmentContent
{
    private const int ReadLength = 64 * 1024;

    /// <summary>Opens the content. Each stream has a position of its own, so that two threads can read at a time.</summary>
    public abstract Stream Open();

    /// <summary>Reads the content once for its size and its SHA-256 in lower-case hexadecimal digits.</summary>
    public (long Size, string Sha256) Measure(CancellationToken cancellationToken)
    {
        using var stream = Open();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(ReadLength);
        try
        {
            var size = 0L;
            for (int read; (read = stream.Read(buffer, 0, ReadLength)) > 0; size += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, read);
            }

            return (size, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
