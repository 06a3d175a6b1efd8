using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using EmailIngestion.Servers;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// A proxy for a Redis on this machine. It changes commands, never replies: a refused command is replaced by a script that returns an
/// error, and INFO by a script that edits its lines.
/// </summary>
internal sealed class RespProxy : IDisposable
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

    private readonly TcpRelay _relay;
    private readonly X509Certificate2? _certificate;
    private readonly string _hidden;

    public RespProxy(int redis, (string Certificate, string Key)? certificate, IReadOnlyList<string> hidden)
    {
        _hidden = string.Join(',', hidden);
        if (certificate is var (file, key))
            _certificate = X509Certificate2.CreateFromPemFile(file, key);
        _relay = new TcpRelay(() => redis, ForwardAsync);
    }

    public int Port => _relay.Port;

    public void Dispose()
    {
        _relay.Dispose();
        _certificate?.Dispose();
    }

    private async Task ForwardAsync(NetworkStream client, NetworkStream redis)
    {
        await using var asked = await OpenAsync(client);
        await Task.WhenAny(ForwardCommandsAsync(asked, redis), redis.CopyToAsync(asked));
    }

    private async Task<Stream> OpenAsync(NetworkStream client)
    {
        if (_certificate is null)
            return client;
        var tls = new SslStream(client);
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate });
        return tls;
    }

    private async Task ForwardCommandsAsync(Stream asked, Stream redis)
    {
        await using var buffered = new BufferedStream(asked, 16 * 1024);
        var reader = new RespReader(buffered);
        while (await reader.ReadAsync(CancellationToken.None) is { } command)
            await redis.WriteAsync(RespReader.Write(Change(command)));
    }

    private IReadOnlyList<byte[]> Change(IReadOnlyList<byte[]> command)
    {
        var name = RespReader.Text(command[0]).ToUpperInvariant();
        return Refused.Contains(name) ? [.. RespReader.Bytes("EVAL", Refuse, "0", name)]
            : name == "INFO" ? [.. RespReader.Bytes("EVAL", Info, "0", _hidden), .. command.Skip(1)]
            : command;
    }
}
