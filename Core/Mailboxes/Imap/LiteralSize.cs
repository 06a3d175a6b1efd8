namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Reads what follows the brace of a literal: <c>{12}</c>, <c>{12+}</c> and the end of the line.</summary>
internal sealed class LiteralSize
{
    // Enough for any size, and no number overflows.
    private const int MaxDigits = 18;

    private int _digits;
    private At _at;

    private enum At
    {
        Digits,
        Plus,
        Closed,
    }

    /// <summary>The size, bytes.</summary>
    public long Value { get; private set; }

    public void Begin() => (Value, _digits, _at) = (0, 0, At.Digits);

    /// <summary>Takes the next byte; true: the literal begins behind it; false: it goes on; null: it is not well formed.</summary>
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
