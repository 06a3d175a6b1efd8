using System.Net;
using System.Net.Sockets;

namespace EmailIngestion.Functions.Tests.Support;

/// <summary>A connection that can send any bytes, also invalid HTTP.</summary>
internal sealed class RawHttp : IDisposable
{
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(60);

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public static async Task<RawHttp> ConnectAsync(Uri server, CancellationToken cancellationToken)
    {
        var connection = new RawHttp();
        await connection._socket.ConnectAsync(IPAddress.Loopback, server.Port, cancellationToken);
        return connection;
    }

    /// <summary>Sends a request and reads until the server closes the connection.</summary>
    /// <exception cref="TimeoutException">The server does not close it in time.</exception>
    public static async Task<RawAnswer> AskAsync(Uri server, byte[] request, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(AnswersWithin);
        using var connection = await ConnectAsync(server, deadline.Token);
        try
        {
            // The server may answer and close before it has read the whole request.
            var sending = connection.SendAsync(request, deadline.Token);
            var answer = await connection.ReadToEndAsync(deadline.Token);
            await sending;
            return RawAnswer.Parse(answer);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("The server neither answered nor closed the connection.");
        }
    }

    public async Task SendAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            for (var sent = 0; sent < bytes.Length;)
                sent += await _socket.SendAsync(bytes.AsMemory(sent), cancellationToken);
        }
        catch (SocketException)
        {
            // Closed by the server.
        }
    }

    public async Task<byte[]> ReadToEndAsync(CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        var buffer = new byte[8192];
        try
        {
            while (await _socket.ReceiveAsync(buffer, cancellationToken) is var read and > 0)
                all.Write(buffer, 0, read);
        }
        catch (SocketException)
        {
            // Reset by the server before it read the whole request.
        }

        return all.ToArray();
    }

    public void Dispose() => _socket.Dispose();
}
