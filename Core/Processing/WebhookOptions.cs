using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Processing;

/// <summary>Section <c>Webhook</c>: the webhook processor.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhook";

    /// <summary>
    /// Where the emails are posted: https, or http on this machine (see <see cref="AllowHttp"/>), without user name and password. Required
    /// when <c>Processing:Processor</c> is <c>webhook</c>.
    /// </summary>
    public string Url { get; set; } = "";

    /// <summary>Post over http to other machines too, where others on the way can read the mail. Default false.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// The key of the signature, 24 to 64 bytes: <c>whsec_</c> and base64, or the bytes of the text itself (UTF-8). Required likewise.
    /// </summary>
    public string Secret { get; set; } = "";

    /// <summary>The time one request may take. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Answers (400–499) that refuse this one email for good: it is dead-lettered at once. Default 400, 413, 415, 422. Every other answer than
    /// 2xx is the receiver's trouble: tried again.
    /// </summary>
    public IReadOnlyList<int>? PermanentStatusCodes { get; set; }

    /// <summary>Send the raw message too, as base64 in <c>raw</c>. Default false.</summary>
    public bool IncludeRaw { get; set; }
}
