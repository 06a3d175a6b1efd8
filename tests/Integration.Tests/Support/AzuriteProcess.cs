using System.Globalization;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using EmailIngestion.DevServers;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Azurite, the emulator of Azure's blob storage, on 127.0.0.1.</summary>
internal sealed class AzuriteProcess : IAsyncDisposable
{
    // The account and the key that Azurite documents for everybody.
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly ServerProcess _server;
    private readonly ServerFolder _folder;
    private readonly int _port;
    private readonly string? _authority;

    private AzuriteProcess(ServerProcess server, ServerFolder folder, int port, string? authority) =>
        (_server, _folder, _port, _authority) = (server, folder, port, authority);

    public int Port => _port;

    /// <summary>The connection string of the blobs.</summary>
    /// <param name="port">The port of a relay; null for Azurite's own.</param>
    /// <param name="key">The account's key; null for the right one.</param>
    public string ConnectionString(int? port = null, string? key = null) =>
        $"AccountName={Account};AccountKey={key ?? Key};BlobEndpoint={Scheme(_authority)}://127.0.0.1:{port ?? _port}/{Account};";

    /// <summary>Creates an empty container with a name of its own.</summary>
    public async Task<BlobContainerClient> CreateContainerAsync(CancellationToken cancellationToken)
    {
        var options = new BlobClientOptions(BlobClientOptions.ServiceVersion.V2024_05_04);
        if (_authority is not null)
            options.Transport = new HttpClientTransport(TestAuthority.Client(_authority));
        var container = new BlobContainerClient(ConnectionString(), $"t{Guid.NewGuid():N}", options);
        await container.CreateAsync(cancellationToken: cancellationToken);
        return container;
    }

    public static Task<AzuriteProcess> StartAsync(NodePackages packages, CancellationToken cancellationToken) =>
        StartAsync(packages, null, [], cancellationToken);

    /// <summary>Starts an Azurite with TLS that accepts tokens too. It checks their times, issuer and audience.</summary>
    public static Task<AzuriteProcess> StartWithTokensAsync(
        NodePackages packages, TestAuthority authority, CancellationToken cancellationToken)
    {
        var (certificate, key) = authority.Server();
        return StartAsync(
            packages, authority.File, ["--oauth", "basic", "--cert", certificate, "--key", key], cancellationToken);
    }

    private static async Task<AzuriteProcess> StartAsync(
        NodePackages packages, string? authority, string[] arguments, CancellationToken cancellationToken)
    {
        var node = await packages.FolderAsync(cancellationToken);
        var folder = new ServerFolder(null, "azurite-");
        try
        {
            var port = 0;
            var server = await ServerStart.RunAsync(
                () =>
                {
                    port = Loopback.FreePort();
                    return ServerProcess.Start(
                        ServerBinary.Require("node", "nodejs"),
                        [
                            Path.Combine(node, "node_modules", "azurite", "dist", "src", "blob", "main.js"),
                            "--blobHost", "127.0.0.1", "--blobPort", port.ToString(CultureInfo.InvariantCulture),
                            "--location", folder.FullPath, "--disableTelemetry", "--silent",
                            // The SDK asks for a newer version of the protocol than Azurite knows.
                            "--skipApiVersionCheck",
                            .. arguments,
                        ],
                        TimeProvider.System);
                },
                started => Task.FromResult(
                    started.LastOutput.Contains($"listens on {Scheme(authority)}://127.0.0.1:{port}", StringComparison.Ordinal)),
                TimeProvider.System,
                cancellationToken);
            return new AzuriteProcess(server, folder, port, authority);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private static string Scheme(string? authority) => authority is null ? "http" : "https";
}
