using System.Globalization;
using System.Text;

namespace EmailIngestion.Servers;

/// <summary>Reads and writes a client's commands, which are arrays of bulk strings, and reads the lines between the strings.</summary>
internal sealed class RespReader(BufferedStream stream)
{
    /// <summary>Returns the next command; null at the end.</summary>
    public async Task<IReadOnlyList<byte[]>?> ReadAsync(CancellationToken cancellationToken)
    {
        if (await LineAsync(cancellationToken) is not { } head)
            return null;
        var words = new byte[Number(head, '*')][];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = new byte[Number(await LineAsync(cancellationToken) ?? "", '$')];
            await stream.ReadExactlyAsync(words[i], cancellationToken);
            await LineAsync(cancellationToken);
        }

        return words;
    }

    /// <summary>Returns the next line without its end; null at the end.</summary>
    public async Task<string?> LineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, cancellationToken) > 0)
        {
            if (one[0] == '\n')
                return line.ToString();
            if (one[0] != '\r')
                line.Append((char)one[0]);
        }

        return null;
    }

    public static byte[] Write(IReadOnlyList<byte[]> command)
    {
        using var written = new MemoryStream();
        written.Write(Encoding.ASCII.GetBytes($"*{command.Count}\r\n"));
        foreach (var word in command)
        {
            written.Write(Encoding.ASCII.GetBytes($"${word.Length}\r\n"));
            written.Write(word);
            written.Write("\r\n"u8);
        }

        return written.ToArray();
    }

    public static string Text(byte[] word) => Encoding.UTF8.GetString(word);

    public static IEnumerable<byte[]> Bytes(params string[] words) => words.Select(Encoding.UTF8.GetBytes);

    private static int Number(string line, char kind) =>
        line.StartsWith(kind) ? int.Parse(line.AsSpan(1), CultureInfo.InvariantCulture) : throw new IOException($"'{line}' is no command.");
}
