using Azure.Storage.Blobs;
using EmailIngestion.Storage;

namespace EmailIngestion.Processing.Archiving;

/// <summary>Reads <c>Archive:Container</c> and <c>Archive:ConnectionString</c>.</summary>
internal static class ArchiveContainer
{
    /// <summary>Returns the fault of the settings; null if they are valid or no container is set. Secrets are not repeated.</summary>
    public static string? Fault(ArchiveOptions options)
    {
        if (options.Container.Length == 0)
            return options.ConnectionString.Length == 0
                ? null
                : "Archive:ConnectionString is set, but Archive:Container is not: it must be the container's name.";
        return options.Folder.Length > 0
            ? $"Archive:Folder is '{options.Folder}' and Archive:Container is set too: set one of them."
            : BlobContainer.Fault(ArchiveOptions.Section, options.Container, options.ConnectionString, options.AllowHttp);
    }

    /// <summary>Creates the container's client and the prefix of all names, which is empty or ends with <c>/</c>.</summary>
    public static (BlobContainerClient Client, string Prefix) Open(ArchiveOptions options) =>
        BlobContainer.Open(options.Container, options.ConnectionString);
}
