using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace EmailIngestion.Messages;

/// <summary>
/// The identity of an email: the first 16 bytes of a SHA-256 over account, folder, UIDVALIDITY, UID and epoch. Two UIDs are two emails,
/// even with the same content. The epoch counts the numberings of a folder. With it, a server that assigns a UIDVALIDITY or UIDs a second
/// time (a restored backup) cannot give a new email the identity of a processed one.
/// </summary>
public readonly record struct EmailId
{
    /// <summary>The length of an identity in bytes.</summary>
    public const int ByteLength = 16;

    // Two numbers, since ReadyToRun does not precompile a method with a UInt128: the start of a process would compile the way of an email.
    private readonly ulong _high;
    private readonly ulong _low;

    /// <param name="value">The 16 bytes as a big-endian number.</param>
    public EmailId(UInt128 value) => (_high, _low) = ((ulong)(value >> 64), (ulong)value);

    private EmailId(ReadOnlySpan<byte> bytes) => (_high, _low) =
        (BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[sizeof(ulong)..]));

    /// <summary>The 16 bytes as a big-endian number.</summary>
    public UInt128 Value => new(_high, _low);

    /// <summary>Computes the identity of an email.</summary>
    /// <param name="account">The account of the mailbox.</param>
    /// <param name="folder">The folder of the mailbox.</param>
    /// <param name="uidValidity">The folder's UIDVALIDITY.</param>
    /// <param name="uid">The email's UID.</param>
    /// <param name="epoch">The epoch of the folder's cursor. Default 0.</param>
    public static EmailId Of(string account, string folder, uint uidValidity, uint uid, int epoch = 0)
    {
        var length = (2 * sizeof(int)) + Encoding.UTF8.GetMaxByteCount(account.Length + folder.Length) + (3 * sizeof(int));
        Span<byte> text = length <= 1_024 ? stackalloc byte[1_024] : new byte[length];
        var at = Write(text, account);
        at += Write(text[at..], folder);
        BinaryPrimitives.WriteUInt32BigEndian(text[at..], uidValidity);
        BinaryPrimitives.WriteUInt32BigEndian(text[(at + 4)..], uid);
        at += 8;
        if (epoch != 0)
        {
            BinaryPrimitives.WriteInt32BigEndian(text[at..], epoch);
            at += 4;
        }

        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..at], digest);
        return new EmailId(digest);
    }

    /// <summary>Reads an identity from its bytes. Returns false unless there are exactly <see cref="ByteLength"/> of them.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out EmailId id)
    {
        id = bytes.Length == ByteLength ? new EmailId(bytes) : default;
        return bytes.Length == ByteLength;
    }

    /// <summary>The identity as <see cref="ByteLength"/> bytes, big-endian.</summary>
    public byte[] ToByteArray()
    {
        var bytes = new byte[ByteLength];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _high);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(sizeof(ulong)), _low);
        return bytes;
    }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(ToByteArray());

    // Writes the length before the text: ("ab", "c") and ("a", "bc") are different mailboxes.
    private static int Write(Span<byte> to, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, to[sizeof(int)..]);
        BinaryPrimitives.WriteInt32BigEndian(to, length);
        return sizeof(int) + length;
    }
}
