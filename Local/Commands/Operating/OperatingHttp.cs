namespace EmailIngestion.Local.Commands.Operating;

/// <summary>Makes the handlers of clients that send a key.</summary>
internal static class OperatingHttp
{
    private static readonly TimeSpan ConnectsWithin = TimeSpan.FromSeconds(10);

    public static SocketsHttpHandler Handler(Uri server) => new()
    {
        // A redirect would take the key to another server.
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = !server.IsLoopback,
        ConnectTimeout = ConnectsWithin,
    };
}
