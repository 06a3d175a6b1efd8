namespace EmailIngestion.Processing;

/// <summary>The compression of a webhook's requests.</summary>
public enum WebhookCompression
{
    /// <summary>Not compressed.</summary>
    None,

    /// <summary>With gzip: <c>Content-Encoding: gzip</c>.</summary>
    Gzip,
}
