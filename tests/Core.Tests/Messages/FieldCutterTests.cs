using System.Text;
using CsCheck;
using EmailIngestion.Core.Tests.Messages.Content;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Messages.Bytes;
using MimeKit;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages;

public sealed class FieldCutterTests
{
    [Fact]
    public void A_field_within_its_bound_stays_as_it_is()
    {
        var subject = $"Subject: {string.Join("\r\n ", Enumerable.Repeat("=?utf-8?Q?=C3=A4rger?=", 300))}\r\n";
        Assert.Null(FieldCutter.Cut(Bytes(subject), FieldKind.Subject));
    }

    [Fact]
    public void A_long_subject_is_cut_between_two_encoded_words()
    {
        var cut = Cut($"Subject: {string.Join("\r\n ", Enumerable.Repeat("=?utf-8?Q?=C3=A4rger?=", 2_000))}\r\n", FieldKind.Subject);
        Assert.InRange(cut.Length, FieldCutter.MaxSubject - 2_000, FieldCutter.MaxSubject + 2);
        Assert.EndsWith("=C3=A4rger?=\r\n", cut, StringComparison.Ordinal);
    }

    [Fact]
    public void A_word_without_end_is_cut_between_two_characters()
    {
        var cut = Cut($"Subject: {string.Concat(Enumerable.Repeat("日本", 5_000))}\r\n", FieldKind.Subject);
        Assert.InRange(Encoding.UTF8.GetByteCount(cut), FieldCutter.MaxSubject - 4, FieldCutter.MaxSubject + 2);
        Assert.DoesNotContain('\ufffd', cut);
    }

    [Fact]
    public void Many_addresses_are_cut_between_two_of_them()
    {
        var list = string.Join(",\r\n ", Enumerable.Range(0, 5_000).Select(i => $"\"Name, {i}\" <n{i}@example.org>"));
        var cut = Cut($"To: {list}\r\n", FieldKind.Addresses);
        var to = (InternetAddressList.Parse(cut["To: ".Length..]));
        Assert.InRange(to.Count, 1_500, 5_000);
        Assert.All(to.Mailboxes.Index(), item => Assert.Equal($"n{item.Index}@example.org", item.Item.Address));
    }

    [Fact]
    public void An_endless_name_is_cut_and_its_address_kept()
    {
        var cut = Cut(
            $"To: a@example.org, \"{new string('x', 10_000)}\" <b@example.org>, {new string('y', 9_000)}@example.org, c@example.org\r\n",
            FieldKind.Addresses);
        Assert.Equal("To: a@example.org,<b@example.org>, c@example.org\r\n", cut);
    }

    [Fact]
    public void The_beginning_of_a_long_file_name_is_kept()
    {
        var cut = Cut($"Content-Disposition: attachment; filename=\"{new string('x', 10_000)}.pdf\"; size=5\r\n", FieldKind.Parameters);
        Assert.True(ContentDisposition.TryParse(cut["Content-Disposition: ".Length..], out var disposition));
        Assert.InRange(disposition.FileName!.Length, 3_000, FieldCutter.MaxParameter);
        Assert.Equal(5, disposition.Size);
    }

    [Fact]
    public void Encoded_words_that_do_not_end_are_cut_after_a_few()
    {
        var cut = Cut($"Subject: {string.Concat(Enumerable.Repeat("=?utf-8?b?A", 500))}\r\n", FieldKind.Subject);
        Assert.Equal(16, cut.Split("=?").Length - 1);
    }

    // A decoder's time may grow with the square of its input, so the input is kept short.
    [Fact]
    public void No_cut_field_takes_a_decoder_long()
    {
        var piece = Gen.OneOf(
            Gen.Int[0, Pieces.Length - 1].Select(i => Pieces[i]),
            Gen.Char[' ', '~'].Select(one => one.ToString()));
        Gen.Select(piece.Array[1, 5], Gen.Int[0, Names.Length - 1]).Sample(
            (pieces, name) =>
            {
                var text = string.Concat(pieces);
                var raw = Bytes($"{Names[name]}: x;{string.Concat(Enumerable.Repeat(text, 200_000 / text.Length))}\r\n\r\n");
                var allowed = TimeSpan.FromSeconds(1);
                var fastest = LinearTime.Fastest(allowed, () =>
                {
                    var scan = MessageScan.Run(raw, NoLimits);
                    var mime = MimeLoader.Parse(new MemorySource(raw), scan, NoLimits, ranges: null, CancellationToken.None);
                    _ = (mime.Subject, mime.From.Count, mime.To.Count, mime.References.Count, mime.MessageId, mime.Date);
                    _ = (
                        mime.Body!.ContentType.Name, mime.Body.ContentDisposition?.FileName,
                        mime.Headers.Select(header => header.Value).ToArray());
                });
                Assert.True(fastest < allowed, $"{Names[name]} took {fastest}.");
            },
            iter: 200,
            threads: 1);
    }

    private static readonly MessageLimits NoLimits = MessageLimits.Default with { MaxParameters = int.MaxValue };

    private static readonly string[] Names = [
        "Subject", "From", "To", "References", "Message-ID", "Date", "Content-Type", "Content-Disposition", "X-Other"];

    private static readonly string[] Pieces =
        ["=?utf-8?b?A", "=?utf-8?q?=41", "?=", "=?", "\r\n ", "\r\n\t", "(", ")", "\"", "<", ">", "a@b", ",", "name*0*=", "%41", "\\", ":",
            ".", "ü", "[", "]"];

    private static string Cut(string field, FieldKind kind) => Encoding.UTF8.GetString(FieldCutter.Cut(Bytes(field), kind)!);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    [Fact]
    public void A_field_of_a_part_that_was_cut_is_noted()
    {
        var name = new string('x', 10_000);
        var part = $"Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"{name}.pdf\"\n\nx";
        Assert.Equal(["attachments"], Mail.Of(Parts.Email("mixed", part)).Parsed.Truncated);
        var attached = $"Content-Type: message/rfc822\n\nSubject: {string.Concat(Enumerable.Repeat("word ", 20_000))}\n\ntext";
        Assert.Equal(["attachments"], Mail.Of(Parts.Email("mixed", attached)).Parsed.Truncated);
    }

    [Fact]
    public void A_text_outside_of_parts_that_was_cut_is_noted_where_it_is_shown()
    {
        var text = string.Concat(Enumerable.Repeat("a line of text\n", 20_000));
        Assert.Equal(["text"], Mail.Of($"Content-Type: multipart/mixed; boundary=b\n\n{text}").Parsed.Truncated);
        Assert.Null(Mail.Of($"Content-Type: multipart/mixed; boundary=b\n\n{text}--b\n\nshown\n--b--\n").Parsed.Truncated);
    }

    [Theory]
    [InlineData("To", "name, ", "headers to")]
    [InlineData("Reply-To", "name, ", "headers replyTo")]
    [InlineData("Subject", "word ", "headers subject")]
    [InlineData("X-Long", "word ", "headers")]
    public void A_field_that_was_cut_is_noted(string name, string piece, string truncated)
    {
        var field = $"{name}: {string.Concat(Enumerable.Repeat(piece, 20_000))}\n";
        Assert.Equal(truncated, string.Join(' ', Mail.Of($"Subject: s\n{field}\ntext").Parsed.Truncated ?? []));
    }
}
