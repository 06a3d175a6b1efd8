using System.Text;

namespace EmailIngestion.Messages.Authentication;

/// <summary>
/// Parses the value of an Authentication-Results field (RFC 8601, section 2.2) in one pass. MimeKit's parser refuses a whole field for one
/// unknown word, such as Fastmail's <c>x-bits=1024</c>. This one skips the word. It reads the raw value: encoded words are not decoded, or
/// an address of the sender could become syntax.
/// </summary>
internal ref struct AuthenticationFieldParser
{
    private const int MaxResults = 100;

    private readonly ReadOnlySpan<char> _text;
    private int _at;
    private string? _comment;

    private AuthenticationFieldParser(ReadOnlySpan<char> text) => _text = text;

    private readonly bool IsAtEnd => _at >= _text.Length;

    /// <summary>Parses a value. Null when it is longer than <see cref="AuthenticationField.MaxBytes"/>.</summary>
    public static AuthenticationField? Parse(ReadOnlySpan<byte> value) =>
        value.Length > AuthenticationField.MaxBytes ? null : new AuthenticationFieldParser(Encoding.UTF8.GetString(value)).Parse();

    private AuthenticationField Parse()
    {
        SkipBlanks();
        var start = _at;
        var server = ReadValue(stopsAtEquals: true);
        SkipBlanks();
        if (server.Length == 0 || (!IsAtEnd && _text[_at] == '='))
            (server, _at) = (null, start);
        else
            SkipStatement();
        var results = new List<AuthenticationResult>();
        while (!IsAtEnd && results.Count < MaxResults)
        {
            if (ReadStatement() is { Result.Length: > 0 } result)
                results.Add(result);
        }

        return new AuthenticationField(server, results);
    }

    // method=result, then name=value pairs, up to a semicolon. Words without "=" have no meaning: the version, "none", and the domain
    // that Microsoft 365 wrote before each method.
    private AuthenticationResult? ReadStatement()
    {
        AuthenticationResult? result = null;
        while (SkipBlanks() && _text[_at] != ';')
        {
            _comment = null;
            if (ReadPair() is not (var name, var value))
                continue;
            if (result is not null)
            {
                result.Add(name, value);
                continue;
            }

            var version = name.IndexOf('/', StringComparison.Ordinal);
            result = new AuthenticationResult((version < 0 ? name : name[..version]).ToLowerInvariant(), value.ToLowerInvariant());
            _comment = null;
            SkipBlanks();
            result.Comment = _comment;
        }

        _at++;
        return result;
    }

    private (string Name, string Value)? ReadPair()
    {
        var name = ReadValue(stopsAtEquals: true);
        if (name.Length == 0 && !IsAtEnd && _text[_at] != '=')
            _at++;
        SkipBlanks();
        if (IsAtEnd || _text[_at] != '=')
            return null;
        _at++;
        SkipBlanks();
        return (name, ReadValue(stopsAtEquals: false));
    }

    private void SkipStatement()
    {
        while (SkipBlanks() && _text[_at] != ';')
        {
            if (ReadValue(stopsAtEquals: false).Length == 0)
                _at++;
        }

        _at++;
    }

    // A word, a quoted string, or both without a blank between them, as in "a b"@example.org.
    private string ReadValue(bool stopsAtEquals)
    {
        var start = _at;
        StringBuilder? unquoted = null;
        while (!IsAtEnd && !IsBlank(_text[_at]) && _text[_at] is not (';' or '(') && !(stopsAtEquals && _text[_at] == '='))
        {
            if (_text[_at] != '"')
            {
                unquoted?.Append(_text[_at]);
                _at++;
                continue;
            }

            unquoted ??= new StringBuilder().Append(_text[start.._at]);
            ReadQuoted(unquoted);
        }

        return unquoted?.ToString() ?? _text[start.._at].ToString();
    }

    private void ReadQuoted(StringBuilder unquoted)
    {
        for (_at++; !IsAtEnd && _text[_at] != '"'; _at++)
        {
            if (_text[_at] == '\\' && _at + 1 < _text.Length)
                _at++;
            unquoted.Append(_text[_at]);
        }

        _at++;
    }

    // Skips white space and comments, and keeps the first comment. False at the end. An unclosed comment reaches to the end.
    private bool SkipBlanks()
    {
        while (!IsAtEnd && (IsBlank(_text[_at]) || _text[_at] == '('))
        {
            if (_text[_at] == '(')
                SkipComment();
            else
                _at++;
        }

        _at = Math.Min(_at, _text.Length);
        return !IsAtEnd;
    }

    private void SkipComment()
    {
        var start = _at + 1;
        var depth = 0;
        do
        {
            depth += _text[_at] switch { '(' => 1, ')' => -1, _ => 0 };
            _at += _text[_at] == '\\' ? 2 : 1;
        }
        while (depth > 0 && !IsAtEnd);

        _comment ??= depth == 0 ? _text[start..(_at - 1)].ToString() : null;
    }

    private static bool IsBlank(char character) => character is ' ' or '\t' or '\r' or '\n';
}
