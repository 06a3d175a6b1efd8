namespace EmailIngestion.Mailboxes;

/// <summary>
/// Takes the answers to the requests for one body, and passes on the bytes that were requested. Servers ignore the requested part, name
/// another one, or return the beginning under the right name: none of that is taken.
/// </summary>
/// <param name="uid">The email's UID.</param>
/// <param name="maxBytes">The largest accepted message in bytes.</param>
/// <param name="copy">Takes the bytes.</param>
internal sealed class BodySink(uint uid, long maxBytes, BodyCopy copy)
{
    // Two parts of one email that begin with as many equal bytes are the same part.
    private const int Compared = 64;
    private const int LeastCompared = 16;

    private bool _isAnswered;
    private bool _isFirstWrite;

    /// <summary>Where the requested part begins.</summary>
    public long Offset { get; private set; }

    /// <summary>The length of the requested part; null: the whole body is requested.</summary>
    public int? Count { get; private set; }

    /// <summary>What the server has answered to the last request.</summary>
    public BodyVerdict Verdict { get; private set; }

    /// <summary>Whether the answer named the email before its bytes. If not, they are the email's only once the answer has ended.</summary>
    public bool IsNamed { get; private set; }

    /// <summary>The length of the answer to the last request.</summary>
    public long Length { get; private set; }

    /// <summary>The bytes of all answers, those that were not taken too.</summary>
    public long Received { get; private set; }

    /// <summary>Begins a request for what follows the bytes that were taken.</summary>
    /// <param name="count">The length of the part; null: the whole body.</param>
    public void Expect(int? count)
    {
        (Offset, Count, Length) = (copy.Length, count, 0);
        (Verdict, IsNamed, _isAnswered) = (BodyVerdict.Nothing, true, false);
    }

    /// <summary>Begins an answer.</summary>
    /// <param name="answered">The UID that the server names; null when it has named none yet.</param>
    /// <param name="origin">Where the part begins, as the server names it. 0 when it names nothing.</param>
    /// <param name="length">The length of the answer in bytes.</param>
    /// <returns>Whether its bytes are to be written.</returns>
    public bool Begin(uint? answered, long origin, long length)
    {
        // Of others, or a second answer to one request.
        if ((answered is { } other && other != uid) || _isAnswered)
            return Drop(length);
        (_isAnswered, _isFirstWrite, Length, IsNamed) = (true, true, length, answered is not null);
        Verdict = Judge(origin, length);
        return Verdict is BodyVerdict.Part or BodyVerdict.Whole || Drop(length);
    }

    /// <summary>Takes bytes of the answer.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Received += bytes.Length;
        if (_isFirstWrite && Offset > 0 && IsTheBeginning(bytes))
            Verdict = BodyVerdict.Wrong;
        _isFirstWrite = false;
        if (Verdict is BodyVerdict.Part or BodyVerdict.Whole)
            copy.Write(bytes);
    }

    private bool Drop(long length)
    {
        Received += length;
        return false;
    }

    private BodyVerdict Judge(long origin, long length)
    {
        // The end. Servers name no origin for it.
        if (length == 0)
            return Count is null ? BodyVerdict.Whole : BodyVerdict.Part;
        if (Count is { } count && origin == Offset && length <= count)
            return Offset + length <= maxBytes ? BodyVerdict.Part : BodyVerdict.TooLarge;
        if (origin != 0 || Offset != 0)
            return BodyVerdict.Wrong;
        return length <= maxBytes ? BodyVerdict.Whole : BodyVerdict.TooLarge;
    }

    private bool IsTheBeginning(ReadOnlySpan<byte> bytes)
    {
        var compared = bytes[..Math.Min(Compared, bytes.Length)];
        return compared.Length >= LeastCompared && copy.Head.Span.StartsWith(compared);
    }
}
