using System.Globalization;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Counts a server's bytes against the limits of a call.</summary>
/// <param name="server">The server's name, for error messages.</param>
internal sealed class ResponseBudget(string server)
{
    /// <summary>The deepest nesting of lists. MailKit parses them by recursion.</summary>
    public const int MaxDepth = 64;

    /// <summary>The longest quoted string in bytes.</summary>
    public const int MaxQuoted = 64 * 1024;

    /// <summary>The largest literal other than a body, in bytes: the name of a folder.</summary>
    public const int MaxSmallLiteral = 4096;

    private ResponseLimits _limits = ResponseLimits.Greeting;
    private long _text;
    private long _line;
    private long _literals;
    private long _quoted;

    /// <summary>Begins with the answer to a call, after the greeting.</summary>
    public ResponseBudget(string server, ResponseLimits limits)
        : this(server)
    {
        Expect(limits);
        IsGreeted = true;
    }

    /// <summary>The number of open lists.</summary>
    public int Depth { get; private set; }

    /// <summary>Whether the call requested bodies.</summary>
    public bool AllowsBodies => _limits.Literal > 0;

    /// <summary>Whether the greeting has been received.</summary>
    public bool IsGreeted { get; private set; }

    /// <summary>Begins a connection.</summary>
    public void Reset()
    {
        Expect(ResponseLimits.Greeting);
        EndLine();
        IsGreeted = false;
    }

    /// <summary>Begins the answer to a call.</summary>
    public void Expect(ResponseLimits limits) => (_limits, _text, _literals) = (limits, 0, 0);

    /// <summary>The number of further bytes within the limits.</summary>
    public long Room(bool isQuoted)
    {
        var room = Math.Min(_limits.Line - _line, _limits.Text - _text);
        return isQuoted ? Math.Min(room, MaxQuoted - _quoted) : room;
    }

    /// <summary>Counts bytes outside of bodies.</summary>
    public void Count(int bytes)
    {
        _text += bytes;
        _line += bytes;
        if (_line > _limits.Line)
            throw Broken(Text(IsGreeted ? "a response" : "a greeting", _limits.Line));
        if (_text > _limits.Text)
            throw Broken($"more than {_limits.Text} bytes in answer to one command");
    }

    /// <summary>Begins a quoted string.</summary>
    public void BeginQuoted() => _quoted = 0;

    /// <summary>Counts bytes of a quoted string.</summary>
    public void CountQuoted(int bytes)
    {
        if ((_quoted += bytes) > MaxQuoted)
            throw Broken(Text("a quoted string", MaxQuoted));
    }

    /// <summary>Opens a list.</summary>
    public void Open()
    {
        if (++Depth > MaxDepth)
            throw Broken($"a response nested more than {MaxDepth} deep");
    }

    /// <summary>Closes a list.</summary>
    public void Close() => Depth = Math.Max(Depth - 1, 0);

    /// <summary>Counts a literal of this size in bytes.</summary>
    public void CountLiteral(long size, bool isBody)
    {
        var most = isBody ? _limits.Literal : MaxSmallLiteral;
        if (size > most)
            throw Broken(string.Create(CultureInfo.InvariantCulture, $"a literal of {size} bytes where at most {most} are expected"));
        if (isBody && (_literals += size) > _limits.Literals)
            throw Broken($"more than {_limits.Literals} bytes of bodies in answer to one command");
    }

    /// <summary>Ends a response.</summary>
    public void EndLine()
    {
        IsGreeted = true;
        (_line, Depth) = (0, 0);
    }

    /// <summary>The exception for a broken limit.</summary>
    public ServerLimitException Broken(string sent) => new(server, sent);

    private static string Text(string what, long most) => string.Create(CultureInfo.InvariantCulture, $"{what} of more than {most} bytes");
}
