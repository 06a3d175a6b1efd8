namespace EmailIngestion.Bodies;

/// <summary>Where the bodies of large emails are.</summary>
public enum BodyStoreKind
{
    /// <summary>Keys of their own in Redis, beside the stream. It needs no further infrastructure.</summary>
    Redis,

    /// <summary>Files in a folder that pollers and consumers share, such as a network volume.</summary>
    Folder,

    /// <summary>Blobs in an Azure container.</summary>
    AzureBlob,
}
