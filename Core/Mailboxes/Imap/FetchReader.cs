using System.Buffers;
using System.Text;
using MailKit.Net.Imap;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Fetches emails by one request, and reads the answer itself: MailKit reads 4 KiB at a time, copies each body twice, and cannot request
/// data and bodies together. It knows exactly these answers, and gives up at anything else. Blocks.
/// </summary>
/// <param name="stream">The connection. Nothing that MailKit has read may be left.</param>
/// <param name="budget">The limits of the answer.</param>
/// <param name="emails">Takes the emails.</param>
internal sealed class FetchReader(ServerStream stream, ResponseBudget budget, IFetchTarget emails)
{
    private const int BufferBytes = 64 * 1024;

    // Of a body. Pieces of this size are hashed before the cache has lost them.
    private const int PieceBytes = 128 * 1024;

    // That of an email has some hundred bytes.
    private const int LongestLine = 16 * 1024;

    private readonly RepeatedFlags _flags = new();

    // The answer to the FETCH; null before it.
    private FetchAnswer? _answer;
    private byte[] _buffer = [];
    private int _at;
    private int _end;

    /// <summary>Sends the request, and reads its answer.</summary>
    /// <param name="tag">The tag of the request: none of MailKit's.</param>
    /// <param name="uids">The UIDs as a set of IMAP.</param>
    /// <exception cref="UnreadableAnswerException">The answer cannot be read.</exception>
    public FetchAnswer Run(string tag, string uids)
    {
        var search = emails.Listing is { } listing ? $"{tag}s {listing.Command}\r\n" : "";
        stream.Write(Encoding.ASCII.GetBytes($"{search}{tag} UID FETCH {uids} {emails.Items}\r\n"));
        stream.Flush();
        _buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            // A server may answer in another order.
            while (_answer is null || emails.Listing is { IsAnswered: false })
            {
                var line = new FetchLine(ReadLine());
                if (line.TrySkip("* BYE"u8))
                    return Leave("* BYE"u8, line, FetchAnswer.Refused);
                if (line.TrySkip("* "u8))
                    ReadResponse(line);
                else if (!line.TrySkip(Encoding.ASCII.GetBytes(tag)) || !TryEnd(line))
                    throw new UnreadableAnswerException();
            }

            return Leave([], default, _answer.Value);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }
    }

    // Takes what follows the tag, for the FETCH or the SEARCH.
    private bool TryEnd(FetchLine line)
    {
        if (line.TrySkip(" "u8) && _answer is null)
            _answer = line.TrySkip("OK"u8) ? FetchAnswer.Complete : line.TrySkip("NO"u8) ? FetchAnswer.Refused : FetchAnswer.Unable;
        else if (line.TrySkip("s "u8) && emails.Listing is { IsAnswered: false } searched)
            searched.End(line.TrySkip("OK"u8));
        else
            return false;
        return true;
    }

    // What was read too far is MailKit's, and so is a goodbye.
    private FetchAnswer Leave(ReadOnlySpan<byte> word, FetchLine line, FetchAnswer answer)
    {
        stream.Unread(_buffer.AsSpan(_at, _end - _at));
        if (!word.IsEmpty)
            stream.Unread([.. word, .. line.Left, .. "\r\n"u8]);
        return answer;
    }

    private void ReadResponse(FetchLine line)
    {
        // Others than FETCH say what happens in the folder. It is opened again before the next poll.
        if (!line.TrySkipFetch())
        {
            if (emails.Listing?.TryTake(line.Left) == true)
                return;
            // The text of a status response has no literals (RFC 9051, 7.1), whatever its end looks like.
            var isStatus = line.TrySkip("OK "u8) || line.TrySkip("NO "u8) || line.TrySkip("BAD "u8);
            if (!isStatus && line.EndsWithLiteral())
                throw new UnreadableAnswerException();
            return;
        }

        var (uid, size, received, body) = (default(uint?), default(long?), default(DateTimeOffset?), default(ReadOnlyMemory<byte>?));
        IReadOnlyList<string>? flags = null;
        for (line.SkipSpaces(); !line.TrySkip(")"u8); line.SkipSpaces())
        {
            var name = line.Word();
            line.SkipSpaces();
            if (Ascii.EqualsIgnoreCase(name, "UID"u8))
            {
                uid = line.Number() is { } number and > 0 and <= uint.MaxValue ? (uint)number : null;
            }
            else if (Ascii.EqualsIgnoreCase(name, "RFC822.SIZE"u8))
            {
                size = line.Number();
            }
            else if (Ascii.EqualsIgnoreCase(name, "INTERNALDATE"u8))
            {
                received = InternalDate.Parse(line.Quoted());
            }
            else if (Ascii.EqualsIgnoreCase(name, "FLAGS"u8))
            {
                flags = _flags.Read(ref line);
            }
            else if (body is null && FetchLine.IsBody(name) && line.Literal() is { } length)
            {
                body = ReadLiteral(length);
                line = new FetchLine(ReadLine());
            }
            else
            {
                line.SkipValue();
            }
        }

        if (!line.IsAtEnd)
            throw new UnreadableAnswerException();
        // No email has UID 0.
        emails.Receive(new EmailEnvelope(uid ?? 0, size, received, null) { Flags = flags }, body);
    }

    private ReadOnlyMemory<byte> ReadLiteral(long length)
    {
        if (length > emails.MaxBytes)
            throw new UnreadableAnswerException(FetchAnswer.TooLong);
        budget.CountLiteral(length, isBody: true);
        var body = emails.Rent((int)length);
        for (var taken = 0; taken < body.Count;)
        {
            var count = ReadPiece(body.AsSpan(taken));
            emails.See(body.AsSpan(taken, count));
            taken += count;
        }

        return body;
    }

    // What is not in the buffer goes from the connection to its place.
    private int ReadPiece(Span<byte> body)
    {
        if (_at == _end && body.Length >= BufferBytes)
            return Received(stream.Read(body[..Math.Min(body.Length, PieceBytes)]));
        if (_at == _end)
            Fill();
        var count = Math.Min(_end - _at, body.Length);
        _buffer.AsSpan(_at, count).CopyTo(body);
        _at += count;
        return count;
    }

    // Without its end. It is valid until the next read.
    private ReadOnlySpan<byte> ReadLine()
    {
        for (var searched = 0; ;)
        {
            var found = _buffer.AsSpan(_at + searched, _end - _at - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                var line = _buffer.AsSpan(_at, searched + found);
                _at += line.Length + 1;
                budget.Count(line.Length + 1);
                budget.EndLine();
                return line.EndsWith("\r"u8) ? line[..^1] : line;
            }

            searched = _end - _at;
            if (searched > LongestLine)
                throw new UnreadableAnswerException();
            Fill();
        }
    }

    private void Fill()
    {
        _buffer.AsSpan(_at, _end - _at).CopyTo(_buffer);
        (_at, _end) = (0, _end - _at);
        _end += Received(stream.Read(_buffer.AsSpan(_end)));
    }

    private static int Received(int bytes) =>
        bytes > 0 ? bytes : throw new ImapProtocolException("The IMAP server has unexpectedly disconnected.");
}
