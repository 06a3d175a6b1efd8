using EmailIngestion.Messages;

namespace EmailIngestion.Corpus;

/// <summary>Reads the messages of a folder, and converts them.</summary>
internal static class CorpusMail
{
    private static ReadOnlySpan<byte> From => "From "u8;

    /// <summary>
    /// Reads every file. A file that begins with an mbox line and has another one after an empty line, or above a header field, is split.
    /// </summary>
    public static IEnumerable<(string Name, byte[] Raw)> Read(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetRelativePath(folder, file);
            var messages = Split(File.ReadAllBytes(file));
            for (var i = 0; i < messages.Count; i++)
                yield return (messages.Count == 1 ? name : $"{name}#{i + 1}", messages[i]);
        }
    }

    /// <summary>Converts a message; null if it exceeds a limit.</summary>
    public static ParsedEmail? Convert(byte[] raw)
    {
        var message = new EmailMessage
        {
            Id = EmailId.Of("corpus@example.org", "INBOX", 1, 1),
            Mailbox = "corpus@example.org/INBOX",
            UidValidity = 1,
            Uid = 1,
            Date = DateTimeOffset.UnixEpoch,
            Size = raw.Length,
            Raw = raw,
        };
        try
        {
            return message.Parsed;
        }
        catch (MessageTooComplexException)
        {
            return null;
        }
    }

    private static List<byte[]> Split(byte[] file)
    {
        var starts = new List<int>();
        if (file.AsSpan().StartsWith(From))
            starts.Add(0);
        for (var at = 0; file.AsSpan(at).IndexOf("\nFrom "u8) is >= 0 and var next; at += next + 1)
        {
            var start = at + next + 1;
            var isAfterEmptyLine = start > 1 && file[start - 2] == (byte)'\n';
            // Some programs count lines in place of writing an empty one.
            if (isAfterEmptyLine || IsField(file.AsSpan(AfterLine(file, start))))
                starts.Add(start);
        }

        if (starts is not [0, _, ..])
            return [file];
        return [.. starts.Select((start, i) => file[AfterLine(file, start)..(i + 1 < starts.Count ? starts[i + 1] : file.Length)])];
    }

    private static bool IsField(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOfAny(" \t\r\n:"u8);
        return end > 0 && line[end] == (byte)':';
    }

    private static int AfterLine(byte[] file, int start) => start + file.AsSpan(start).IndexOf((byte)'\n') + 1;
}
