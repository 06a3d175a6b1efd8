using System.Globalization;

namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Counts what a server sends against what it may send.</summary>
/// <param name="server">The server's name, for the message.</param>
internal sealed class ResponseBudget(string server)
{
    /// <summary>MailKit parses nested lists by recursion.</summary>
    public const int MaxDepth = 64;

    /// <summary>The longest quoted string, bytes.</summary>
    public const int MaxQuoted = 64 * 1024;

    /// <summary>The largest literal that is no body, bytes: the name of a folder.</summary>
    public const int MaxSmallLiteral = 4096;

    private ResponseLimits _limits = ResponseLimits.Greeting;
    private long _text;
    private long _line;
    private long _literals;
    private long _quoted;

    /// <summary>How many lists are open.</summary>
    public int Depth { get; private set; }

    /// <summary>A body has been asked for.</summary>
    public bool AllowsBodies => _limits.Literal > 0;

    /// <summary>The greeting has come.</summary>
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

    /// <summary>How many bytes more break no bound.</summary>
    public long Room(bool isQuoted)
    {
        var room = Math.Min(_limits.Line - _line, _limits.Text - _text);
        return isQuoted ? Math.Min(room, MaxQuoted - _quoted) : room;
    }

    /// <summary>Bytes that are no body.</summary>
    public void Count(int bytes)
    {
        _text += bytes;
        _line += bytes;
        if (_line > _limits.Line)
            throw Broken(Text(IsGreeted ? "a response" : "a greeting", _limits.Line));
        if (_text > _limits.Text)
            throw Broken($"more than {_limits.Text} bytes in answer to one command");
    }

    public void BeginQuoted() => _quoted = 0;

    /// <summary>Bytes of a quoted string.</summary>
    public void CountQuoted(int bytes)
    {
        if ((_quoted += bytes) > MaxQuoted)
            throw Broken(Text("a quoted string", MaxQuoted));
    }

    public void Open()
    {
        if (++Depth > MaxDepth)
            throw Broken($"a response nested more than {MaxDepth} deep");
    }

    public void Close() => Depth = Math.Max(Depth - 1, 0);

    /// <summary>The literal of a body, or another.</summary>
    public void CountLiteral(long size, bool isBody)
    {
        var most = isBody ? _limits.Literal : MaxSmallLiteral;
        if (size > most)
            throw Broken(string.Create(CultureInfo.InvariantCulture, $"a literal of {size} bytes where at most {most} are expected"));
        if (isBody && (_literals += size) > _limits.Literals)
            throw Broken($"more than {_limits.Literals} bytes of bodies in answer to one command");
    }

    public void EndLine()
    {
        IsGreeted = true;
        (_line, Depth) = (0, 0);
    }

    public ServerLimitException Broken(string sent) => new(server, sent);

    private static string Text(string what, long most) => string.Create(CultureInfo.InvariantCulture, $"{what} of more than {most} bytes");
}
