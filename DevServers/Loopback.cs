using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EmailIngestion.DevServers;

/// <summary>Finds free ports and sends plain-text requests on 127.0.0.1.</summary>
internal static class Loopback
{
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    private static readonly HashSet<int> Given = [];

    /// <summary>
    /// Returns a port that is free now, and another one each time: a server may ask for several before it listens. Another process can take
    /// it first, so the caller must be ready to retry.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            var port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            lock (Given)
            {
                if (Given.Add(port)) return port;
            }
        }
    }

    /// <summary>
    /// Sends <paramref name="question"/> and reads until <paramref name="accept"/> accepts the answer so far; false if it never does.
    /// </summary>
    public static Task<bool> AnswersAsync(
        int port, string question, Func<string, bool> accept, TimeProvider time, CancellationToken ct) =>
        AnswersAsync(new IPEndPoint(IPAddress.Loopback, port), question, accept, time, ct);

    /// <summary>The same for any address of this machine, such as a Unix domain socket.</summary>
    public static async Task<bool> AnswersAsync(
        EndPoint address, string question, Func<string, bool> accept, TimeProvider time, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(AnswerWithin, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token);
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(address, linked.Token);
            using var stream = new NetworkStream(socket);
            await stream.WriteAsync(Encoding.ASCII.GetBytes(question), linked.Token);

            var heard = new StringBuilder();
            var buffer = new byte[4096];
            while (await stream.ReadAsync(buffer, linked.Token) is var read and > 0)
            {
                heard.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (accept(heard.ToString())) return true;
            }

            return false;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }
}
