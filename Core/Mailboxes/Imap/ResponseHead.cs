using System.Text;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Reads the first words of a response. They decide how the rest is read.</summary>
internal sealed class ResponseHead
{
    // More than the longest word to recognise.
    private const int Kept = 8;

    private readonly byte[] _word = new byte[Kept];
    private int _length;
    private First _first;

    private enum First
    {
        None,
        Word,
        Star,
        Tag,
    }

    /// <summary>Whether the response is tagged: the answer to a command.</summary>
    public bool IsTagged { get; private set; }

    /// <summary>Whether the response is SEARCH.</summary>
    public bool IsSearch { get; private set; }

    /// <summary>Whether the response is PREAUTH.</summary>
    public bool IsPreauth { get; private set; }

    /// <summary>Whether the response is BYE.</summary>
    public bool IsBye { get; private set; }

    /// <summary>Whether the response is an untagged NO.</summary>
    public bool IsWarning { get; private set; }

    /// <summary>Begins a response.</summary>
    public void Clear()
    {
        (_first, _length) = (First.None, 0);
        IsTagged = IsSearch = IsPreauth = IsBye = IsWarning = false;
    }

    /// <summary>
    /// Reads the next byte and returns the kind of the response. Once the kind is known, that byte is the first of the rest.
    /// </summary>
    public ResponseKind Take(byte c)
    {
        switch (_first)
        {
            case First.None when c is (byte)' ' or (byte)'\r':
                return ResponseKind.Unknown;
            case First.None when c == (byte)'*':
                _first = First.Star;
                return ResponseKind.Unknown;
            case First.None when c == (byte)'[':
                return ResponseKind.Text;
            case First.None or First.Word when IsAtom(c):
                _first = First.Word;
                Keep(c);
                return ResponseKind.Unknown;
            case First.None:
                return ResponseKind.Tokens;
            case First.Word when _length == 1 && _word[0] == (byte)'+':
                return ResponseKind.Raw;
            case First.Word:
                (_first, _length, IsTagged) = (First.Tag, 0, true);
                return c is (byte)' ' or (byte)'\r' ? ResponseKind.Unknown : ResponseKind.Tokens;
            case First.Tag when c == (byte)'[' && _length == 0:
                return ResponseKind.Tokens;
            case First.Star when c == (byte)'[' && _length == 0:
                return ResponseKind.Text;
            default:
                return TakeSecond(c);
        }
    }

    private ResponseKind TakeSecond(byte c)
    {
        if (IsAtom(c))
        {
            Keep(c);
            return ResponseKind.Unknown;
        }

        if (_length == 0 && c is (byte)' ' or (byte)'\r')
            return ResponseKind.Unknown;
        IsSearch = _first == First.Star && Is("SEARCH"u8);
        IsPreauth = _first == First.Star && Is("PREAUTH"u8);
        IsBye = _first == First.Star && Is("BYE"u8);
        IsWarning = _first == First.Star && Is("NO"u8);
        return IsBye || IsPreauth || Is("OK"u8) || Is("NO"u8) || Is("BAD"u8) ? ResponseKind.Text : ResponseKind.Tokens;
    }

    private void Keep(byte c)
    {
        if (_length < Kept)
            _word[_length] = c;
        _length++;
    }

    private bool Is(ReadOnlySpan<byte> word) => _length == word.Length && Ascii.EqualsIgnoreCase(_word.AsSpan(0, _length), word);

    // The same bytes as MailKit accepts in an atom.
    private static bool IsAtom(byte c) => c > (byte)' ' && c != 0x7f && !"[](){%*\\\""u8.Contains(c);
}
