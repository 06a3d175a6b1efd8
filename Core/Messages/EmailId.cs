using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EmailIngestion.Messages;

/// <summary>
/// The identity of an email: the first 16 bytes of a SHA-256 over account, folder, UIDVALIDITY and UID. Two UIDs are two emails,
/// however alike. The epoch counts the times that a folder's numbering started anew, so that a server which hands out a UIDVALIDITY
/// or UIDs a second time (a restored backup) cannot make a new email look like one that is already processed.
/// </summary>
public readonly record struct EmailId(UInt128 Value)
{
    public const int ByteLength = 16;

    public static EmailId Of(string account, string folder, uint uidValidity, uint uid, int epoch = 0)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, account);
        Append(hash, folder);
        Span<byte> numbers = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(numbers, uidValidity);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[4..], uid);
        BinaryPrimitives.WriteInt32BigEndian(numbers[8..], epoch);
        hash.AppendData(epoch == 0 ? numbers[..8] : numbers);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return new EmailId(BinaryPrimitives.ReadUInt128BigEndian(digest));
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, out EmailId id)
    {
        id = bytes.Length == ByteLength ? new EmailId(BinaryPrimitives.ReadUInt128BigEndian(bytes)) : default;
        return bytes.Length == ByteLength;
    }

    public byte[] ToByteArray()
    {
        var bytes = new byte[ByteLength];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Value);
        return bytes;
    }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", null);

    // Each text with its length before it: ("ab", "c") and ("a", "bc") are different mailboxes.
    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }
}
