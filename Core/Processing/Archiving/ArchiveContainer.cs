using System.Text.RegularExpressions;
using Azure.Identity;
using Azure.Storage.Blobs;

namespace EmailIngestion.Processing.Archiving;

/// <summary>Reads <c>Archive:Container</c> and <c>Archive:ConnectionString</c>.</summary>
internal static partial class ArchiveContainer
{
    // A blob's name has at most 1,024 characters; an archived file's less than 300.
    private const int MaxPrefix = 500;

    /// <summary>Returns the fault of the settings; null if they are valid or no container is set. Secrets are not repeated.</summary>
    public static string? Fault(ArchiveOptions options)
    {
        if (options.Container.Length == 0)
            return options.ConnectionString.Length == 0
                ? null
                : "Archive:ConnectionString is set, but Archive:Container is not: it must be the container's name.";
        if (options.Folder.Length > 0)
            return $"Archive:Folder is '{options.Folder}' and Archive:Container is set too: set one of them.";
        if (options.ConnectionString.Length > 0)
            return NamedFault(options);
        if (!Uri.TryCreate(options.Container, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps)
            return options.Container.Contains('?', StringComparison.Ordinal) || options.Container.Contains('@', StringComparison.Ordinal)
                ? "Archive:Container must be the https address of a container, without a user name and without a signature."
                : $"Archive:Container is '{options.Container}': it must be the https address of a container, such as "
                    + "https://account.blob.core.windows.net/container, or a container's name together with Archive:ConnectionString.";
        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            return "Archive:Container must have nothing after the container's name and folder: put a signature into "
                + "Archive:ConnectionString (BlobEndpoint=…;SharedAccessSignature=…).";
        var parts = new BlobUriBuilder(url);
        return PlaceFault(parts.BlobContainerName, parts.BlobName);
    }

    /// <summary>Creates the container's client and the prefix of all names, which is empty or ends with <c>/</c>.</summary>
    public static (BlobContainerClient Client, string Prefix) Open(ArchiveOptions options)
    {
        // The processing pipeline retries, so that each failure is classified and a Retry-After is obeyed.
        var client = new BlobClientOptions { Retry = { MaxRetries = 0 } };
        if (options.ConnectionString.Length > 0)
        {
            var (container, folder) = Split(options.Container);
            return (new BlobContainerClient(options.ConnectionString, container, client), Prefix(folder));
        }

        var parts = new BlobUriBuilder(new Uri(options.Container));
        var prefix = Prefix(parts.BlobName);
        parts.BlobName = "";
        return (new BlobContainerClient(parts.ToUri(), new DefaultAzureCredential(), client), prefix);
    }

    private static string? NamedFault(ArchiveOptions options)
    {
        var (container, folder) = Split(options.Container);
        if (PlaceFault(container, folder) is { } fault)
            return fault;
        try
        {
            var account = new BlobServiceClient(options.ConnectionString).Uri;
            return account.Scheme == Uri.UriSchemeHttp && !options.AllowHttp && !ThisMachine.Has(account)
                ? $"Archive:ConnectionString goes to '{account.Host}' over http, where others can read the mail: "
                    + "use https, or set Archive:AllowHttp=true if the network is trusted."
                : null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NullReferenceException)
        {
            // The client throws a NullReferenceException if the string has no endpoint for blobs.
            return "Archive:ConnectionString is not a connection string of a storage account with blobs.";
        }
    }

    private static string? PlaceFault(string container, string folder)
    {
        if (!ContainerName().IsMatch(container))
            return $"Archive:Container names the container '{container}': "
                + "a name has 3 to 63 lower-case letters, digits and single hyphens.";
        if (folder.Length > MaxPrefix)
            return $"Archive:Container has a folder of {folder.Length} characters: at most {MaxPrefix} are allowed.";
        return folder.Length > 0 && (folder.AsSpan().IndexOfAny("\\?#%") >= 0 || folder.Any(char.IsControl) || HasOddPart(folder))
            ? "Archive:Container has a folder that is not valid: it must be names with '/' between them, without '.', '..' and \\ ? # %."
            : null;
    }

    private static bool HasOddPart(string folder) => folder.TrimEnd('/').Split('/').Any(part => part.Trim().TrimEnd('.').Length == 0);

    private static (string Container, string Folder) Split(string text) =>
        text.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? (text[..slash], text[(slash + 1)..]) : (text, "");

    private static string Prefix(string folder) => folder.Trim('/') is { Length: > 0 } name ? $"{name}/" : "";

    [GeneratedRegex(@"\A(?=.{3,63}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex ContainerName();
}
