namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Reads the size of a literal after its brace: <c>{12}</c> or <c>{12+}</c>, and the end of the line.</summary>
internal sealed class LiteralSize
{
    // Enough for any size, without overflow.
    private const int MaxDigits = 18;

    private int _digits;
    private At _at;

    private enum At
    {
        Digits,
        Plus,
        Closed,
    }

    /// <summary>The size in bytes.</summary>
    public long Value { get; private set; }

    public void Begin() => (Value, _digits, _at) = (0, 0, At.Digits);

    /// <summary>
    /// Reads the next byte. Returns true if the literal begins after it, false if the size continues, null if it is malformed.
    /// </summary>
    public bool? Take(byte c)
    {
        switch (c)
        {
            case >= (byte)'0' and <= (byte)'9' when _at == At.Digits && _digits < MaxDigits:
                _digits++;
                Value = (Value * 10) + (c - '0');
                return false;
            case (byte)'+' when _at == At.Digits && _digits > 0:
                _at = At.Plus;
                return false;
            case (byte)'}' when _at != At.Closed && _digits > 0:
                _at = At.Closed;
                return false;
            case (byte)'\r' when _at == At.Closed:
                return false;
            case (byte)'\n' when _at == At.Closed:
                return true;
            default:
                return null;
        }
    }
}
