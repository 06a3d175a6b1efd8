using System.Text;
using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages.Bytes;
using EmailIngestion.Messages.Content;
using EmailIngestion.Messages.Text;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Content;

public sealed class FileNameTests
{
    [Theory]
    [InlineData("attachment; filename=\"\"", "real.pdf", "real.pdf")]
    [InlineData("attachment; filename=\" \"", "real.pdf", "real.pdf")]
    [InlineData("attachment; filename*=Gr%C3%B6%C3%9Fe.pdf", null, "Größe.pdf")]
    [InlineData("attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe.pdf; filename=plain.pdf", null, "Größe.pdf")]
    [InlineData("attachment; filename=plain.pdf; filename*=utf-8''", null, "plain.pdf")]
    [InlineData("attachment; filename*=iso-8859-1'de'Gr%F6%DFe.pdf", null, "Größe.pdf")]
    [InlineData("attachment; filename*=it's%20o'k.pdf", null, "it's o'k.pdf")]
    [InlineData("attachment; filename*0*=utf-8''Gr%C3; filename*1*=%B6%C3%9F; filename*2=\"e.pdf\"", null, "Größe.pdf")]
    [InlineData("attachment; filename*1=\"b.pdf\"; filename*0=\"a \"", null, "a b.pdf")]
    [InlineData("attachment; filename=\"=?utf-8?B?R3LDtsOfZS5wZGY=?=\"", null, "Größe.pdf")]
    [InlineData("attachment; filename==?iso-8859-1?Q?Gr=F6=DFe.pdf?=", null, "Größe.pdf")]
    [InlineData("attachment; filename=\"=?utf-8?Q?Gr=C3=B6?=\r\n =?utf-8?Q?=C3=9Fe.pdf?=\"", null, "Größe.pdf")]
    [InlineData("attachment; filename*=\"utf-8''=?utf-8?Q?a?=.pdf\"", null, "=_utf-8_Q_a_=.pdf")]
    [InlineData("attachment; filename=\"Größe.pdf\"", null, "Größe.pdf")]
    [InlineData("attachment; filename=my file.pdf; size=3", null, "my file.pdf")]
    [InlineData("attachment; filename=\"a; b.pdf\" size=3", null, "a; b.pdf")]
    [InlineData("attachment; filename=\"a.pdf\" name=\"b.pdf\"", null, "a.pdf")]
    [InlineData("attachment; filename=\"open.pdf", null, "open.pdf")]
    [InlineData("attachment; name=\"in disposition.pdf\"", null, "in disposition.pdf")]
    [InlineData("attachment; FILENAME = \"case.pdf\"", null, "case.pdf")]
    [InlineData("attachment; filename=\"long\r\n name.pdf\"", null, "long name.pdf")]
    [InlineData("attachment; filename=\"a \\\"b\\\" c.pdf\"", null, "a _b_ c.pdf")]
    [InlineData("attachment; filename=\"a \"b\" c.pdf\"", null, "a _b_ c.pdf")]
    public void The_name_is_read_as_programs_write_it(string disposition, string? name, string expected)
    {
        var type = name is null ? "application/octet-stream" : $"application/octet-stream; name=\"{name}\"";
        var raw = $"Content-Type: {type}\r\nContent-Disposition: {disposition}\r\n\r\ndata\r\n";
        Assert.Equal(expected, Assert.Single(Mail.Of(raw).Parsed.Attachments).FileName);
    }

    [Fact]
    public void A_name_in_raw_windows_1252_is_read()
    {
        byte[] raw = [.. "Content-Disposition: attachment; filename=Gr"u8, 0xf6, 0xdf, .. "e.pdf\n\nx"u8];
        Assert.Equal("Größe.pdf", Assert.Single(Mail.Of(raw).Parsed.Attachments).FileName);
    }

    [Fact]
    public void The_name_as_sent_is_kept_where_it_differs()
    {
        var file = Assert.Single(Mail.Of("Content-Disposition: attachment; filename=\"a \"b\" c.pdf\"\n\nx").Parsed.Attachments);
        Assert.Equal("a \"b\" c.pdf", file.OriginalFileName);
    }

    [Fact]
    public void The_name_as_sent_is_one_line_without_control_characters()
    {
        const string Raw = "Content-Disposition: attachment; filename*=utf-8''a%0D%0AX-Evil:%20b%00%1B%C2%85.txt\n\nx";
        Assert.Equal("a X-Evil: b  \u2026.txt", Assert.Single(Mail.Of(Raw).Parsed.Attachments).OriginalFileName);
    }

    [Theory]
    [InlineData("a.pdf", "a.pdf")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("C:\\TEMP\\x.png", "x.png")]
    [InlineData("\\\\server\\share\\x.png", "x.png")]
    [InlineData("Invoice 3/2026.pdf", "Invoice 3_2026.pdf")]
    [InlineData("a\u202egnp.exe", "agnp.exe")]
    [InlineData("a\u0000b\u0007\u0085.txt", "ab.txt")]
    [InlineData("a\r\nb\tc.txt", "a  b c.txt")]
    [InlineData("con.txt", "_con.txt")]
    [InlineData("NUL", "_NUL")]
    [InlineData("com1 .tar.gz", "_com1 .tar.gz")]
    [InlineData("console.txt", "console.txt")]
    [InlineData("name. . .", "name")]
    [InlineData("<a>:\"|?*.b", "_a______.b")]
    [InlineData("..", "")]
    [InlineData("/", "")]
    [InlineData(" \u200b ", "")]
    [InlineData(".htaccess", ".htaccess")]
    [InlineData("日本語.txt", "日本語.txt")]
    public void A_name_is_made_safe(string name, string safe) => Assert.Equal(safe, FileNames.Safe(name));

    [Fact]
    public void A_long_name_is_cut_and_keeps_its_extension()
    {
        var safe = FileNames.Safe(new string('日', 300) + ".jpeg");
        Assert.InRange(Encoding.UTF8.GetByteCount(safe), 195, 200);
        Assert.EndsWith("日.jpeg", safe, StringComparison.Ordinal);
    }

    [Fact]
    public void The_name_of_a_device_stays_within_the_bound() =>
        Assert.Equal("_con." + new string('x', 195), FileNames.Safe("con." + new string('x', 300)));

    [Fact]
    public void Any_name_is_safe() => Gen.String[Gen.Char, 0, 300].Sample(
        name =>
        {
            var safe = FileNames.Safe(name);
            Assert.InRange(Encoding.UTF8.GetByteCount(safe), 0, FileNames.MaxBytes);
            Assert.DoesNotContain(safe, character => char.IsControl(character) || "/\\:*?\"<>|\u202e".Contains(character));
            Assert.Equal(safe, safe.TrimEnd(' ', '.'));
            Assert.Equal(safe, FileNames.Safe(safe));
        },
        iter: 5_000);

    [Theory]
    [InlineData("\"")]
    [InlineData("\" x")]
    [InlineData(";a=\"")]
    [InlineData("=?")]
    [InlineData("\\\"")]
    public void Hostile_parameters_are_read_in_linear_time(string piece)
    {
        LinearTime.Check(
            1_000_000,
            size => Encoding.ASCII.GetBytes("attachment; filename=\"" + string.Concat(Enumerable.Repeat(piece, size / piece.Length))),
            value => HeaderParameters.Read(value, "filename", new HeaderCharset(new MemorySource(value))));
    }

    [Fact]
    public void Names_beyond_the_bound_of_a_file_system_stay_unique()
    {
        var part = $"--b\nContent-Type: message/rfc822\n\nSubject: {new string('x', 300)}\n\n\n";
        var parts = string.Concat(Enumerable.Repeat(part, 1_000));
        var files = Mail.Of($"Content-Type: multipart/mixed; boundary=b\n\n{parts}--b--").Parsed.Attachments;
        Assert.Equal(1_000, files.Select(file => file.FileName).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(files, file => Assert.InRange(file.FileName.Length, 1, 200));
    }

    [Fact]
    public void Raw_bytes_of_a_name_are_in_the_charset_of_the_text()
    {
        var raw = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=windows-1251\n\nx\n"
            + "--b\nContent-Type: application/pdf; name=\"\u00ef\u00f0.pdf\"\n\nx\n--b--\n";
        Assert.Equal("пр.pdf", Assert.Single(Mail.Of(System.Text.Encoding.Latin1.GetBytes(raw)).Parsed.Attachments).FileName);
    }
}
