using System.Text;
using CsCheck;
using EmailIngestion.Messages;
using MimeKit;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Content;

/// <summary>Each part of an email is in a field: in its text, in its HTML, or in its attachments.</summary>
public sealed class PartCoverageTests
{
    [Fact]
    public void No_named_part_and_no_inline_text_is_missing() => MimeBytes.WellFormed.Sample(
        raw => Check(Mail.Of(raw), (files, name) => files.Any(file => (file.OriginalFileName ?? file.FileName) == name)),
        iter: 5_000,
        print: raw => Encoding.UTF8.GetString(raw));

    [Fact]
    public void No_part_of_mutated_mail_is_missing() => MimeBytes.Mutated.Sample(
        // MimeKit reads broken names in other ways.
        raw => Check(Mail.Of(raw), (files, _) => files.Count > 0),
        iter: 5_000,
        print: raw => Encoding.UTF8.GetString(raw));

    [Fact]
    public void Every_attachment_has_the_size_and_the_digest_of_its_content() => MimeBytes.WellFormed.Sample(
        raw =>
        {
            foreach (var file in Mail.Of(raw).Parsed.Attachments)
            {
                using var stream = file.Open();
                using var content = new MemoryStream();
                stream.CopyTo(content);
                var digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content.ToArray()));
                Assert.Equal((file.Size, file.Sha256), (content.Length, digest));
            }
        },
        iter: 2_000);

    private static void Check(EmailMessage email, Func<IReadOnlyList<ParsedAttachment>, string, bool> isListed)
    {
        var parsed = email.Parsed;
        foreach (var part in Leaves(email.Mime.Body))
        {
            var name = part.ContentDisposition?.FileName is { Length: > 0 } file ? file : part.ContentType.Name;
            if (!string.IsNullOrWhiteSpace(name))
                Assert.True(isListed(parsed.Attachments, name), $"{name} is not listed.");
            if (part is TextPart { IsAttachment: false, Content: not null } text && (text.IsPlain || text.IsHtml))
                AssertShown(parsed, text);
        }
    }

    private static void AssertShown(ParsedEmail parsed, TextPart part)
    {
        using var decoded = new MemoryStream();
        part.Content!.DecodeTo(decoded, TestContext.Current.CancellationToken);
        var lines = Encoding.UTF8.GetString(decoded.ToArray()).Split('\n', '\r').Select(one => one.Trim());
        var line = lines.FirstOrDefault(one => one.Length > 3 && Ascii.IsValid(one))?.Replace('\0', '\ufffd');
        if (line is null || part.ContentTransferEncoding == ContentEncoding.Base64)
            return;
        Assert.True(
            parsed.Text?.Contains(line, StringComparison.Ordinal) == true || parsed.Html?.Contains(line, StringComparison.Ordinal) == true
                || parsed.Attachments.Any(file => part.ContentType.MimeType.Equals(file.ContentType, StringComparison.OrdinalIgnoreCase)),
            $"{line} is in no field.");
    }

    private static IEnumerable<MimeEntity> Leaves(MimeEntity? entity) => entity switch
    {
        Multipart multipart => multipart.SelectMany(Leaves),
        null => [],
        _ => [entity],
    };
}
