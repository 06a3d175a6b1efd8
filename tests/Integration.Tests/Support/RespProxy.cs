using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// A proxy for a Redis on this machine. It changes commands, never replies: a refused command is replaced by a script that returns an
/// error, and INFO by a script that edits its lines.
/// </summary>
internal sealed class RespProxy : IAsyncDisposable
{
    private const string Refuse = "return redis.error_reply('ERR unknown command ' .. ARGV[1] .. ', with args beginning with: ')";

    private const string Info =
        """
        local text = redis.call('INFO', unpack(ARGV, 2))
        text = string.gsub(text, 'redis_mode:cluster', 'redis_mode:standalone')
        text = string.gsub(text, 'server_mode:cluster', 'server_mode:standalone')
        text = string.gsub(text, 'cluster_enabled:1', 'cluster_enabled:0')
        for name in string.gmatch(ARGV[1], '[^,]+') do text = string.gsub(text, '\n' .. name .. ':[^\n]*', '') end
        return text
        """;

    private static readonly string[] Refused = ["CLUSTER", "CONFIG", "SELECT"];

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly X509Certificate2? _certificate;
    private readonly string _hidden;
    private readonly int _redis;
    private readonly Task _accepting;

    public RespProxy(int redis, (string Certificate, string Key)? certificate, IReadOnlyList<string> hidden)
    {
        _redis = redis;
        _hidden = string.Join(',', hidden);
        if (certificate is var (file, key))
            _certificate = X509Certificate2.CreateFromPemFile(file, key);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _certificate?.Dispose();
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        var served = new List<Task>();
        try
        {
            while (true)
                served.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stopping.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var redis = new TcpClient();
        using (client)
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token))
        {
            try
            {
                await redis.ConnectAsync(IPAddress.Loopback, _redis, ended.Token);
                await using var asked = await OpenAsync(client, ended.Token);
                await using var answers = redis.GetStream();
                var answering = answers.CopyToAsync(asked, ended.Token);
                await Task.WhenAny(ForwardAsync(asked, answers, ended.Token), answering);
                await ended.CancelAsync();
                await answering;
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side has closed the connection.
            }
        }
    }

    private async Task<Stream> OpenAsync(TcpClient client, CancellationToken cancellationToken)
    {
        if (_certificate is null)
            return client.GetStream();
        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, cancellationToken);
        return tls;
    }

    private async Task ForwardAsync(Stream asked, Stream redis, CancellationToken cancellationToken)
    {
        await using var buffered = new BufferedStream(asked, 16 * 1024);
        var reader = new RespReader(buffered);
        while (await reader.ReadAsync(cancellationToken) is { } command)
            await redis.WriteAsync(RespReader.Write(Change(command)), cancellationToken);
    }

    private IReadOnlyList<byte[]> Change(IReadOnlyList<byte[]> command)
    {
        var name = RespReader.Text(command[0]).ToUpperInvariant();
        return Refused.Contains(name) ? [.. RespReader.Bytes("EVAL", Refuse, "0", name)]
            : name == "INFO" ? [.. RespReader.Bytes("EVAL", Info, "0", _hidden), .. command.Skip(1)]
            : command;
    }
}
