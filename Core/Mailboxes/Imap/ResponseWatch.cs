using System.Buffers;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>
/// Checks the data of an IMAP server before MailKit parses it, and rejects answers that would cost too much. It tokenizes exactly as
/// MailKit does. Otherwise a server could hide data from this check. Where the two could differ, it rejects the answer. Pure.
/// </summary>
/// <param name="server">The server's name, for error messages.</param>
internal sealed partial class ResponseWatch(string server)
{
    // Where nothing else can begin, all bytes up to the next of these are one word.
    private static readonly SearchValues<byte> TokenEnds = SearchValues.Create("{\"()\n "u8);

    private readonly ResponseBudget _budget = new(server);
    private readonly ResponseHead _head = new();
    private readonly SectionMatcher _section = new();
    private readonly LiteralSize _size = new();
    private readonly ListedUids _listed = new();

    private Where _where;
    private Where _afterQuoted;
    private long _left;
    private bool _escaped;
    private bool _isBody;
    private bool _isCodeUnclear;
    private bool _startsTls;

    private enum Where
    {
        Head,
        Tokens,
        OpenLine,
        First,
        Code,
        Raw,
        Quoted,
        QuotedEnd,
        Size,
        SmallLiteral,
        Body,
    }

    /// <summary>Whether the last byte received was the end of the answer to a command.</summary>
    public bool IsAtRest { get; private set; }

    /// <summary>Whether the last bytes received began the text of an untagged NO, a warning (RFC 3501, 7.1.2).</summary>
    public bool HasWarned { get; private set; }

    /// <summary>Begins the answer to a call.</summary>
    public void Expect(ResponseLimits limits)
    {
        _budget.Expect(limits);
        _listed.Begin();
    }

    /// <summary>Begins a connection.</summary>
    public void Reset()
    {
        (_where, _startsTls) = (Where.Head, false);
        _head.Clear();
        _listed.EndLine();
        _budget.Reset();
    }

    /// <summary>Notes that STARTTLS was sent. Unencrypted data after its answer may come from an attacker.</summary>
    public void StartTls() => _startsTls = true;

    /// <summary>Checks received bytes.</summary>
    /// <exception cref="ServerLimitException">They break a limit. None of them may be parsed.</exception>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        IsAtRest = HasWarned = false;
        while (!bytes.IsEmpty)
        {
            var taken = Skip(bytes);
            if (taken == 0)
            {
                Take(bytes[0], isLast: bytes.Length == 1);
                taken = 1;
            }

            bytes = bytes[taken..];
        }
    }

    // The number of bytes that can be skipped at once, since they do not change the state.
    private int Skip(ReadOnlySpan<byte> bytes)
    {
        var found = _where switch
        {
            Where.Body => (int)Math.Min(_left, bytes.Length),
            Where.Raw => bytes.IndexOf((byte)'\n'),
            Where.Tokens when _section.IsElsewhere && !_head.IsSearch => bytes.IndexOfAny(TokenEnds),
            Where.Quoted when !_escaped => bytes.IndexOfAny((byte)'"', (byte)'\\'),
            _ => 0,
        };
        var count = found < 0 ? bytes.Length : found;
        if (_where == Where.Body)
        {
            _left -= count;
            _where = _left == 0 ? Where.Tokens : Where.Body;
            return count;
        }

        if (count == 0)
            return 0;
        // Stops at the first byte above a limit, so that the verdict does not depend on the sizes of the reads.
        var isQuoted = _where == Where.Quoted;
        count = (int)Math.Min(count, _budget.Room(isQuoted) + 1);
        _budget.Count(count);
        if (isQuoted)
            _budget.CountQuoted(count);
        return count;
    }

    private void Take(byte c, bool isLast)
    {
        // Some servers do not escape quotes. For MailKit a quote ends a string only if one of these bytes follows.
        if (_where == Where.QuotedEnd)
            _where = c is (byte)']' or (byte)')' or (byte)' ' or (byte)'\r' or (byte)'\n' ? _afterQuoted : Where.Quoted;
        _budget.Count(1);
        switch (_where)
        {
            case Where.Head:
                TakeHead(c, isLast);
                break;
            case Where.OpenLine when c != (byte)')':
                throw _budget.Broken("a response that ends within a list");
            case Where.OpenLine or Where.Tokens:
                _where = Where.Tokens;
                TakeToken(c, isLast);
                break;
            case Where.First:
                TakeFirst(c, isLast);
                break;
            case Where.Code:
                TakeCode(c, isLast);
                break;
            case Where.Raw:
                EndLine(isLast);
                break;
            case Where.Quoted:
                TakeQuoted(c);
                break;
            case Where.Size:
                TakeSize(c);
                break;
            case Where.SmallLiteral:
                TakeSmallLiteral(c);
                break;
        }
    }
}
