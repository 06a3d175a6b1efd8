using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DnsClient;

namespace EmailIngestion.Core.Tests.Processing;

/// <summary>A DNS server on this machine that answers each question with the same TXT records.</summary>
internal sealed class TestDns : IDisposable
{
    private readonly UdpClient _udp = new(new IPEndPoint(IPAddress.Loopback, 0));
    private int _questions;

    public TestDns() => _ = ServeAsync();

    public NameServer Server => new(IPAddress.Loopback, ((IPEndPoint)_udp.Client.LocalEndPoint!).Port);

    /// <summary>The records: each is a list of strings.</summary>
    public string[][] Records { get; set; } = [];

    /// <summary>The response code: 0 success, 2 failure, 3 no such name.</summary>
    public byte Code { get; set; }

    public int Seconds { get; set; } = 300;

    /// <summary>Whether it answers at all.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Whether it answers with bytes that are no message.</summary>
    public bool IsBroken { get; set; }

    /// <summary>The number of questions so far.</summary>
    public int Questions => Volatile.Read(ref _questions);

    public void Dispose() => _udp.Dispose();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var question = await _udp.ReceiveAsync();
                Interlocked.Increment(ref _questions);
                if (!IsSilent)
                    await _udp.SendAsync(Answer(question.Buffer), question.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private byte[] Answer(byte[] question)
    {
        // The name ends with an empty label; its type and class follow.
        var end = Array.IndexOf(question, (byte)0, 12) + 5;
        var answer = new List<byte>(question[..end]);
        (answer[2], answer[3]) = (0x81, (byte)(0x80 | Code));
        (answer[6], answer[7]) = (0, (byte)Records.Length);
        (answer[10], answer[11]) = (0, 0);
        if (IsBroken)
            return [.. answer, 0xc0];
        foreach (var record in Records)
        {
            var data = record.SelectMany(text => Encoding.ASCII.GetBytes(text).Prepend((byte)text.Length)).ToArray();
            var head = new byte[12];
            BinaryPrimitives.WriteUInt16BigEndian(head, 0xc00c);
            BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), 16);
            BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(4), 1);
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(6), Seconds);
            BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(10), (ushort)data.Length);
            answer.AddRange(head);
            answer.AddRange(data);
        }

        return [.. answer];
    }
}
