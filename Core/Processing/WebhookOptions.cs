using System.ComponentModel.DataAnnotations;

namespace EmailIngestion.Processing;

/// <summary>Section <c>Webhook</c>: the webhook processor.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhook";

    /// <summary>Where the emails are posted: http or https. Required when <c>Processing:Processor</c> is <c>webhook</c>.</summary>
    public string Url { get; set; } = "";

    /// <summary>The key of the signature, 16 characters at least. Required likewise.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The time one request may take. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Send the raw message too, as base64 in <c>raw</c>. Default false.</summary>
    public bool IncludeRaw { get; set; }
}
