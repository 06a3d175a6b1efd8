namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Recognises <c>BODY[…]</c> and <c>BODY[…]&lt;0&gt;</c>. The literal of a body is valid only after them.</summary>
internal sealed class SectionMatcher
{
    private At _at;
    private int _matched;

    private enum At
    {
        Elsewhere,
        Word,
        Section,
        Closed,
        Offset,
        OffsetClosed,
        Complete,
    }

    /// <summary>Whether the body comes next.</summary>
    public bool IsComplete => _at is At.Closed or At.OffsetClosed or At.Complete;

    /// <summary>Whether no section can begin before the next space or parenthesis.</summary>
    public bool IsElsewhere => _at == At.Elsewhere;

    /// <summary>Begins a response.</summary>
    public void Clear() => _at = At.Elsewhere;

    /// <summary>Reads the next byte.</summary>
    public void Take(byte c)
    {
        _at = _at switch
        {
            At.Word when _matched < 4 && (c | 0x20) == "body"[_matched] => Next(),
            At.Word when _matched == 4 && c == (byte)'[' => At.Section,
            At.Section when c is not ((byte)']' or (byte)'\n') => At.Section,
            At.Section when c == (byte)']' => At.Closed,
            At.Closed when c == (byte)'<' => At.Offset,
            At.Offset when c is >= (byte)'0' and <= (byte)'9' => At.Offset,
            At.Offset when c == (byte)'>' => At.OffsetClosed,
            At.Closed or At.OffsetClosed or At.Complete when c == (byte)' ' => At.Complete,
            _ => c is (byte)' ' or (byte)'(' ? Begin() : At.Elsewhere,
        };
    }

    private At Begin()
    {
        _matched = 0;
        return At.Word;
    }

    private At Next()
    {
        _matched++;
        return At.Word;
    }
}
