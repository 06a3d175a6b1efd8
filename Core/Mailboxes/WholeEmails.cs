using System.Security.Cryptography;

namespace EmailIngestion.Mailboxes;

/// <summary>
/// Takes the answer to one request for whole bodies. Each body comes from the connection into its final memory, and is hashed while the
/// processor's cache still has it.
/// </summary>
/// <param name="uids">The requested UIDs, ascending.</param>
/// <param name="maxBytes">The largest accepted body in bytes.</param>
/// <param name="batch">Holds the bodies.</param>
/// <param name="received">Gets each requested body once, with its SHA-256.</param>
internal sealed class WholeEmails(
    IReadOnlyList<uint> uids, long maxBytes, FetchedBatch batch, Action<uint, ReadOnlyMemory<byte>, byte[]> received)
    : IFetchTarget, IDisposable
{
    private readonly HashSet<uint> _left = [.. uids];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public IReadOnlyList<uint> Uids => uids;

    public string Items => "(BODY.PEEK[])";

    public long MaxBytes => maxBytes;

    /// <summary>The bytes of all bodies so far.</summary>
    public long Bytes { get; private set; }

    public ArraySegment<byte> Rent(int length) => batch.RentBody(length);

    public void See(ReadOnlySpan<byte> bytes)
    {
        Bytes += bytes.Length;
        _hash.AppendData(bytes);
    }

    /// <summary>Whether the answer named a requested email without a literal as its body. MailKit knows the other forms.</summary>
    public bool HasOtherForms { get; private set; }

    public void Receive(EmailEnvelope envelope, ReadOnlyMemory<byte>? body)
    {
        if (body is not { } whole)
        {
            HasOtherForms |= _left.Contains(envelope.Uid);
            return;
        }

        var sha256 = _hash.GetHashAndReset();
        if (_left.Remove(envelope.Uid))
            received(envelope.Uid, whole, sha256);
        else
            batch.ReturnLast(whole.Length);
    }

    public void Dispose() => _hash.Dispose();
}
