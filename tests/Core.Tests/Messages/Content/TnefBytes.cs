using System.Text;

namespace EmailIngestion.Core.Tests.Messages.Content;

/// <summary>Writes TNEF (MS-OXTNEF).</summary>
internal sealed class TnefBytes
{
    private readonly List<byte> _bytes = [];

    public TnefBytes()
    {
        Write(0x223e9f78);
        _bytes.AddRange([1, 0]);
        Attribute(1, 0x00069007, [.. Int(1252), .. Int(0)]);
    }

    public byte[] ToArray() => [.. _bytes];

    public string Base64() => Convert.ToBase64String(ToArray(), Base64FormattingOptions.InsertLineBreaks);

    /// <summary>The email with this winmail.dat beside a text.</summary>
    public string Email(string? text) => Parts.Email("mixed", text is null ? Part() : Parts.Plain(text), text is null ? "\n" : Part());

    public string Part() => $"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n{Base64()}\n";

    public TnefBytes Message(params byte[][] properties) => Attribute(1, 0x00069003, Properties(properties));

    public TnefBytes File(string title, byte[] data, params byte[][] properties)
    {
        Attribute(2, 0x00069002, new byte[14]);
        Attribute(2, 0x00018010, Encoding.Latin1.GetBytes(title + "\0"));
        Attribute(2, 0x0006800f, data);
        return Attribute(2, 0x00069005, Properties(properties));
    }

    public TnefBytes Attached(string title, TnefBytes email) => File(
        title, [], Property(0x3705, 3, Int(5)), Property(0x3701, 0x0d, Value([.. new byte[16], .. email.ToArray()])));

    public TnefBytes Attribute(byte level, int tag, byte[] value, int? length = null)
    {
        _bytes.Add(level);
        Write(tag);
        Write(length ?? value.Length);
        _bytes.AddRange(value);
        _bytes.AddRange(BitConverter.GetBytes((ushort)value.Sum(one => one)));
        return this;
    }

    public static byte[] Ansi(int id, string text) => Property(id, 0x1e, Value(Encoding.Latin1.GetBytes(text + "\0")));

    public static byte[] Unicode(int id, string text) => Property(id, 0x1f, Value(Encoding.Unicode.GetBytes(text + "\0")));

    public static byte[] Binary(int id, byte[] value) => Property(id, 0x102, Value(value));

    public static byte[] Property(int id, int type, byte[] value) =>
        [.. BitConverter.GetBytes((ushort)type), .. BitConverter.GetBytes((ushort)id), .. value];

    /// <summary>A property with a name of its own, as programs add to messages.</summary>
    public static byte[] Named(string name, int length) =>
        [.. BitConverter.GetBytes((ushort)3), .. BitConverter.GetBytes((ushort)0x8001), .. new byte[16], .. Int(1), .. Int(length),
            .. Padded(Encoding.Unicode.GetBytes(name)), .. Int(7)];

    public static byte[] Int(int value) => BitConverter.GetBytes(value);

    private static byte[] Value(byte[] value) => [.. Int(1), .. Int(value.Length), .. Padded(value)];

    private static byte[] Padded(byte[] value) => [.. value, .. new byte[(4 - (value.Length % 4)) % 4]];

    private static byte[] Properties(byte[][] properties) => [.. Int(properties.Length), .. properties.SelectMany(one => one)];

    private void Write(int value) => _bytes.AddRange(Int(value));
}
