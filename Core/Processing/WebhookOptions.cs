using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Processing;

/// <summary>
/// The settings of a webhook: of the section <c>Webhook</c>, processor <c>webhook</c>, or of a section <c>Webhooks:NAME</c>, processor
/// <c>webhook:NAME</c>.
/// </summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhook";

    /// <summary>
    /// The address to which emails are posted: https, or http on this machine (see <see cref="AllowHttp"/>), without user name and
    /// password. Required when the webhook is used.
    /// </summary>
    public string Url { get; set; } = "";

    /// <summary>Whether http to other machines is allowed. Others on the network can then read the mail. Default false.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// The key of the signature, 24 to 64 bytes: <c>whsec_</c> and base64, or plain text (UTF-8). Required when the webhook is
    /// used.
    /// </summary>
    public string Secret { get; set; } = "";

    /// <summary>
    /// The former secret, while the receiver may still check with it. Each request then has two signatures. Default: none.
    /// </summary>
    public string? PreviousSecret { get; set; }

    /// <summary>The timeout of one request. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The status codes (400–499) that reject an email permanently: it is dead-lettered at once. Default 400, 413, 415, 422. After every
    /// other answer than 2xx the email is retried.
    /// </summary>
    public IReadOnlyList<int>? PermanentStatusCodes { get; set; }

    /// <summary>
    /// The compression of the requests: <c>None</c> (default) or <c>Gzip</c>. The signature is over the JSON, before its compression.
    /// </summary>
    [EnumDataType(typeof(WebhookCompression), ErrorMessage = "it must be None or Gzip.")]
    public WebhookCompression Compression { get; set; }

    /// <summary>
    /// The maximum size of the contents of all attachments in a request, in bytes before base64. An attachment that does not fit is sent
    /// without its content. Default 10,485,760 (10 MiB); 0: no contents.
    /// </summary>
    [Range(0, 512 * 1024 * 1024)]
    public int MaxAttachmentBytes { get; set; } = 10 * 1024 * 1024;

    /// <summary>Whether the raw message is sent too, as base64 in <c>raw</c>. Default false.</summary>
    public bool IncludeRaw { get; set; }
}
