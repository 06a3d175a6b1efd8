using System.Text;
using System.Text.Json;
using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Core.Tests.Messages.Content;
using EmailIngestion.Processing.Archiving;
using Xunit;

namespace EmailIngestion.Core.Tests.Processing.Archiving;

/// <summary>The bounds of attachments that become files.</summary>
public sealed class ArchivedEmailTests
{
    private const int Most = ArchivedEmail.MaxAttachments;

    [Fact]
    public void The_first_256_attachments_become_files()
    {
        var email = Mail.Of(Mixed(Enumerable.Range(0, Most + 10).Select(i => Attachment($"{i}.bin", "x"))));
        Assert.Equal(Most + 10, email.Parsed.Attachments.Count);

        var files = ArchivedEmail.Files(email, attachments: true);
        Assert.Equal(Most + 2, files.Count);
        Assert.EndsWith($"/{Most - 1}-{Most - 1}.bin", files[^2].Name, StringComparison.Ordinal);
        Assert.Equal([.. Enumerable.Repeat(true, Most), .. Enumerable.Repeat(false, 10)], HaveFiles(files));
    }

    [Fact]
    public void Files_take_at_most_twice_the_size_of_the_message_and_64_KiB()
    {
        var email = Mail.Of(Mixed([CompressedTexts(count: 5, references: 15_000)]));
        var room = (2L * email.Raw.Length) + (64 * 1024);
        Assert.True(email.Parsed.Attachments.Sum(attachment => attachment.Size) > 2 * room);

        var files = ArchivedEmail.Files(email, attachments: true);
        Assert.InRange(files.Skip(1).SkipLast(1).Sum(Length), room / 2, room);
        Assert.Equal(5, HaveFiles(files).Length);
        Assert.Contains(false, HaveFiles(files));
    }

    [Fact]
    public void One_that_does_not_fit_leaves_its_place_to_smaller_ones()
    {
        var small = Enumerable.Range(0, Most).Select(i => Attachment($"{i}.bin", "x"));
        var email = Mail.Of(Mixed([CompressedTexts(count: 1, references: 60_000), .. small]));

        var files = ArchivedEmail.Files(email, attachments: true);
        Assert.Equal([false, .. Enumerable.Repeat(true, Most)], HaveFiles(files));
    }

    [Fact]
    public void Without_the_setting_no_attachment_becomes_a_file() => Assert.Equal(
        [".eml", ".json"],
        ArchivedEmail.Files(Mail.Of(Mixed([Attachment("a.bin", "x")])), attachments: false).Select(file => Path.GetExtension(file.Name)));

    private static string Mixed(IEnumerable<string> parts)
    {
        var text = new StringBuilder("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
        foreach (var part in parts)
            text.Append($"--b\r\n{part}\r\n");
        return text.Append("--b--\r\n").ToString();
    }

    // A winmail.dat with compressed texts. Each reference has two bytes and gives 17.
    private static string CompressedTexts(int count, int references)
    {
        var tnef = new TnefBytes();
        var next = 207;
        var tokens = new List<byte>();
        for (var i = 0; i < references; i++, next = (next + 17) % 4_096)
        {
            if (i % 8 == 0)
                tokens.Add(0xff);
            tokens.AddRange([0, (byte)(next == 0 ? 0x1f : 0x0f)]);
        }

        byte[] text = [.. TnefBytes.Int(tokens.Count + 12), .. TnefBytes.Int(17 * references), .. "LZFu"u8, .. TnefBytes.Int(0), .. tokens];
        for (var i = 0; i < count; i++)
            tnef.Attached($"text {i}", new TnefBytes().Message(TnefBytes.Binary(0x1009, text)));
        return tnef.Part();
    }

    private static string Attachment(string name, string content) =>
        $"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename={name}\r\n\r\n{content}";

    private static long Length(ArchiveFile file)
    {
        using var content = file.Open();
        content.CopyTo(Stream.Null);
        return content.Position;
    }

    // Whether each attachment of the summary has a file.
    private static bool[] HaveFiles(IReadOnlyList<ArchiveFile> files)
    {
        using var content = files[^1].Open();
        using var summary = JsonDocument.Parse(content);
        return
        [
            .. summary.RootElement.GetProperty("attachments").EnumerateArray()
                .Select(attachment => attachment.TryGetProperty("file", out _)),
        ];
    }
}
