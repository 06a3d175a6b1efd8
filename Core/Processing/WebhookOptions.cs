using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Processing;

/// <summary>The settings of the section <c>Webhook</c>: the webhook processor.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhook";

    /// <summary>
    /// The address to which emails are posted: https, or http on this machine (see <see cref="AllowHttp"/>), without user name and
    /// password. Required when <c>Processing:Processor</c> is <c>webhook</c>.
    /// </summary>
    public string Url { get; set; } = "";

    /// <summary>Whether http to other machines is allowed. Others on the network can then read the mail. Default false.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// The key of the signature, 24 to 64 bytes: <c>whsec_</c> and base64, or plain text (UTF-8). Required when <c>Processing:Processor</c>
    /// is <c>webhook</c>.
    /// </summary>
    public string Secret { get; set; } = "";

    /// <summary>The timeout of one request. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The status codes (400–499) that reject an email permanently: it is dead-lettered at once. Default 400, 413, 415, 422. After every
    /// other answer than 2xx the email is retried.
    /// </summary>
    public IReadOnlyList<int>? PermanentStatusCodes { get; set; }

    /// <summary>Whether the raw message is sent too, as base64 in <c>raw</c>. Default false.</summary>
    public bool IncludeRaw { get; set; }
}
