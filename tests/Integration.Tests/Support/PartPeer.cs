using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>A server with large emails, all of the same length, that answers requests for parts of them as the test says.</summary>
internal sealed partial class PartPeer : IDisposable
{
    private readonly Dictionary<uint, string> _bodies;

    public PartPeer(uint count, int length)
    {
        _bodies = Enumerable.Range(1, (int)count).ToDictionary(
            number => (uint)number, number => Encoding.Latin1.GetString(TestMail.Large(number, length)));
        Peer = new ImapPeer
        {
            Count = count,
            Envelope = _ => $"RFC822.SIZE {Announced ?? length} {ImapPeer.Received}",
            BodyAnswer = uid =>
            {
                Whole.Enqueue(uid);
                return ImapPeer.Literal(_bodies[uid]);
            },
            AnswerOverride = AnswerTo,
        };
    }

    public ImapPeer Peer { get; }

    /// <summary>RFC822.SIZE; null: the true one.</summary>
    public int? Announced { get; init; }

    /// <summary>The answer to a request for a part; null: the right one.</summary>
    public Func<PartRequest, PeerAnswer?> Answer { get; init; } = _ => null;

    /// <summary>The requests for parts.</summary>
    public ConcurrentQueue<PartRequest> Parts { get; } = new();

    /// <summary>The emails that were requested whole.</summary>
    public ConcurrentQueue<uint> Whole { get; } = new();

    public byte[] Mail(uint uid) => Encoding.Latin1.GetBytes(_bodies[uid]);

    /// <summary>An answer with this part of an email.</summary>
    public PeerAnswer Part(uint uid, long begin, int length, string origin) =>
        new($"* {uid} FETCH (UID {uid} BODY[]{origin} {ImapPeer.Literal(Text(uid, begin, length))})\r\n{{tag}} OK done\r\n");

    /// <summary>An answer of which only the first bytes come, before the connection ends.</summary>
    public PeerAnswer Cut(PartRequest request, int sent) => new(
        $"* {request.Uid} FETCH (UID {request.Uid} BODY[]<{request.Offset}> "
        + $"{{{Text(request.Uid, request.Offset, request.Count).Length}}}\r\n"
        + Text(request.Uid, request.Offset, sent),
        ClosesConnection: true);

    public void Dispose() => Peer.Dispose();

    private PeerAnswer? AnswerTo(string command)
    {
        // The beginning of an email is not the whole. It is requested by parts next.
        if (command.Contains(ImapPeer.Beginning, StringComparison.Ordinal))
            return new("{tag} OK nothing\r\n");
        if (PartCommand().Match(command) is not { Success: true } match)
            return null;
        var request = new PartRequest(
            uint.Parse(match.Groups["uid"].ValueSpan, CultureInfo.InvariantCulture),
            long.Parse(match.Groups["offset"].ValueSpan, CultureInfo.InvariantCulture),
            int.Parse(match.Groups["count"].ValueSpan, CultureInfo.InvariantCulture));
        Parts.Enqueue(request);
        return Answer(request) ?? Part(request.Uid, request.Offset, request.Count, $"<{request.Offset}>");
    }

    private string Text(uint uid, long begin, int length)
    {
        var from = (int)Math.Min(begin, _bodies[uid].Length);
        return _bodies[uid].Substring(from, Math.Min(length, _bodies[uid].Length - from));
    }

    [GeneratedRegex(@"\AUID FETCH (?<uid>\d+) \(BODY\.PEEK\[\]<(?<offset>\d+)\.(?<count>\d+)>\)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex PartCommand();
}
