using System.Text;
using System.Text.Json;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Integration.Tests.Processing;

/// <summary>Tests which attachments a request has with their contents.</summary>
public sealed class WebhookAttachmentTests : IAsyncLifetime
{
    private Receiver _receiver = null!;

    public async ValueTask InitializeAsync() => _receiver = await Receiver.StartAsync();

    public ValueTask DisposeAsync() => _receiver.DisposeAsync();

    [Fact]
    public async Task Attachments_are_sent_with_their_contents()
    {
        var contents = new[] { Bytes(0), Bytes(1), Bytes(200_000) };
        var attachments = await PostAsync(contents);
        Assert.Equal(contents, attachments.Select(Content));
        Assert.All(attachments, attachment => Assert.False(attachment.TryGetProperty("omitted", out _)));
    }

    [Fact]
    public async Task An_attachment_that_does_not_fit_is_omitted_and_a_later_one_that_fits_is_sent()
    {
        var attachments = await PostAsync([Bytes(600), Bytes(500), Bytes(400)], ("Webhook:MaxAttachmentBytes", "1000"));
        Assert.Equal([null, "size", null], attachments.Select(Omitted));
        Assert.Equal([600, null, 400], attachments.Select(attachment => Content(attachment)?.Length));
        Assert.Equal(500, attachments[1].GetProperty("size").GetInt64());
    }

    [Fact]
    public async Task No_contents_are_sent_when_the_settings_say_so()
    {
        var attachment = Assert.Single(await PostAsync([Bytes(600)], ("Webhook:MaxAttachmentBytes", "0")));
        Assert.Null(Content(attachment));
        Assert.Null(Omitted(attachment));
    }

    private static string? Omitted(JsonElement attachment) =>
        attachment.TryGetProperty("omitted", out var omitted) ? omitted.GetString() : null;

    private static byte[]? Content(JsonElement attachment) =>
        attachment.TryGetProperty("content", out var content) ? content.GetBytesFromBase64() : null;

    private static byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(at => (byte)(at * 7))];

    private async Task<JsonElement[]> PostAsync(byte[][] contents, params (string Name, string Value)[] changes)
    {
        var raw = new StringBuilder(
            "Subject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n");
        foreach (var (number, content) in contents.Index())
        {
            raw.Append(
                $"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename={number}.bin\r\n"
                + "Content-Transfer-Encoding: base64\r\n\r\n"
                + Convert.ToBase64String(content, Base64FormattingOptions.InsertLineBreaks) + "\r\n");
        }

        EmailMessage message = Emails.Of(Encoding.ASCII.GetBytes(raw + "--b--\r\n"));
        await WebhookHost.RunAsync(message, _receiver, changes);
        using var json = JsonDocument.Parse(Assert.Single(_receiver.Requests).Body);
        return [.. json.RootElement.Clone().GetProperty("attachments").EnumerateArray()];
    }
}
