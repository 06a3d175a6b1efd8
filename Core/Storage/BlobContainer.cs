using System.Text.RegularExpressions;
using Azure.Identity;
using Azure.Storage.Blobs;
using EmailIngestion.Configuration;

namespace EmailIngestion.Storage;

/// <summary>Reads the two settings of a blob container: <c>Container</c> and <c>ConnectionString</c>, of any section.</summary>
internal static partial class BlobContainer
{
    // A blob's name has at most 1,024 characters; what follows the folder has less than 300.
    private const int MaxPrefix = 500;

    /// <summary>Returns the fault of the settings; null if they are valid. Secrets are not repeated.</summary>
    /// <param name="section">The section of both settings, for the messages.</param>
    /// <param name="container">The container's address; with a connection string only its name. <c>/folder</c> may follow.</param>
    /// <param name="connectionString">The connection string; empty when Azure.Identity signs in.</param>
    /// <param name="allowHttp">Whether the connection string may use http to another machine.</param>
    public static string? Fault(string section, string container, string connectionString, bool allowHttp)
    {
        if (connectionString.Length > 0)
            return NamedFault(section, container, connectionString, allowHttp);
        if (!Uri.TryCreate(container, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps)
            return container.Contains('?', StringComparison.Ordinal) || container.Contains('@', StringComparison.Ordinal)
                ? $"{section}:Container must be the https address of a container, without a user name and without a signature."
                : $"{section}:Container is '{container}': it must be the https address of a container, such as "
                    + $"https://account.blob.core.windows.net/container, or a container's name together with {section}:ConnectionString.";
        if (url.UserInfo.Length > 0 || url.Query.Length > 0 || url.Fragment.Length > 0)
            return $"{section}:Container must have nothing after the container's name and folder: put a signature into "
                + $"{section}:ConnectionString (BlobEndpoint=…;SharedAccessSignature=…).";
        var parts = new BlobUriBuilder(url);
        return PlaceFault(section, parts.BlobContainerName, parts.BlobName);
    }

    /// <summary>Creates the container's client and the prefix of all names, which is empty or ends with <c>/</c>.</summary>
    public static (BlobContainerClient Client, string Prefix) Open(string container, string connectionString)
    {
        // The caller retries, so that each failure is classified and a Retry-After is obeyed.
        var client = new BlobClientOptions { Retry = { MaxRetries = 0 } };
        if (connectionString.Length > 0)
        {
            var (name, folder) = Split(container);
            return (new BlobContainerClient(connectionString, name, client), Prefix(folder));
        }

        var parts = new BlobUriBuilder(new Uri(container));
        var prefix = Prefix(parts.BlobName);
        parts.BlobName = "";
        return (new BlobContainerClient(parts.ToUri(), new DefaultAzureCredential(), client), prefix);
    }

    private static string? NamedFault(string section, string text, string connectionString, bool allowHttp)
    {
        var (container, folder) = Split(text);
        if (PlaceFault(section, container, folder) is { } fault)
            return fault;
        try
        {
            var account = new BlobServiceClient(connectionString).Uri;
            return account.Scheme == Uri.UriSchemeHttp && !allowHttp && !ThisMachine.Has(account)
                ? $"{section}:ConnectionString goes to '{account.Host}' over http, where others can read the mail: "
                    + $"use https, or set {section}:AllowHttp=true if the network is trusted."
                : null;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or NullReferenceException)
        {
            // The client throws a NullReferenceException if the string has no endpoint for blobs.
            return $"{section}:ConnectionString is not a connection string of a storage account with blobs.";
        }
    }

    private static string? PlaceFault(string section, string container, string folder)
    {
        if (!ContainerName().IsMatch(container))
            return $"{section}:Container names the container '{container}': "
                + "a name has 3 to 63 lower-case letters, digits and single hyphens.";
        if (folder.Length > MaxPrefix)
            return $"{section}:Container has a folder of {folder.Length} characters: at most {MaxPrefix} are allowed.";
        return folder.Length > 0 && (folder.AsSpan().IndexOfAny("\\?#%") >= 0 || folder.Any(char.IsControl) || HasOddPart(folder))
            ? $"{section}:Container has a folder that is not valid: it must be names with '/' between them, without '.', '..' and \\ ? # %."
            : null;
    }

    private static bool HasOddPart(string folder) => folder.TrimEnd('/').Split('/').Any(part => part.Trim().TrimEnd('.').Length == 0);

    private static (string Container, string Folder) Split(string text) =>
        text.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? (text[..slash], text[(slash + 1)..]) : (text, "");

    private static string Prefix(string folder) => folder.Trim('/') is { Length: > 0 } name ? $"{name}/" : "";

    [GeneratedRegex(@"\A(?=.{3,63}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.ExplicitCapture)]
    private static partial Regex ContainerName();
}
