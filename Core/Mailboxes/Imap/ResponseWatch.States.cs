namespace EmailIngestion.Mailboxes.Imap;

/// <summary>Handles the next byte in each state.</summary>
internal sealed partial class ResponseWatch
{
    private void TakeHead(byte c, bool isLast)
    {
        var kind = _head.Take(c);
        if (kind == ResponseKind.Unknown)
            return;
        if (_head.IsPreauth && _budget.IsGreeted)
            throw _budget.Broken("PREAUTH after its greeting");
        HasWarned |= _head.IsWarning;
        _section.Clear();
        _where = kind switch
        {
            ResponseKind.Text => Where.First,
            ResponseKind.Raw => Where.Raw,
            _ => Where.Tokens,
        };
        if (kind == ResponseKind.Text)
            TakeFirst(c, isLast);
        else if (kind == ResponseKind.Tokens)
            TakeToken(c, isLast);
        else if (c == (byte)'\n')
            EndLine(isLast);
    }

    private void TakeToken(byte c, bool isLast)
    {
        if (_head.IsSearch && !_listed.Take(c))
            throw _budget.Broken($"a SEARCH answer with more than {ListedUids.MaxDescents} UIDs out of order");
        switch (c)
        {
            case (byte)'{':
                _isBody = _section.IsComplete && _budget is { Depth: 1, AllowsBodies: true };
                _size.Begin();
                _where = Where.Size;
                break;
            case (byte)'"':
                BeginQuoted(Where.Tokens);
                break;
            case (byte)'(':
                _budget.Open();
                break;
            case (byte)')':
                _budget.Close();
                break;
            // A literal announced one line end too short leaves that line end behind, and the list continues.
            case (byte)'\n' when _budget.Depth > 0:
                _where = Where.OpenLine;
                break;
            case (byte)'\n':
                EndLine(isLast);
                break;
        }

        _section.Take(c);
    }

    private void TakeFirst(byte c, bool isLast)
    {
        var isBye = _head.IsBye;
        switch (c)
        {
            case (byte)' ' or (byte)'\r':
                break;
            case (byte)'\n':
                EndLine(isLast);
                // MailKit reads the next line as the text of a BYE without text.
                if (isBye)
                    _where = Where.Raw;
                break;
            case (byte)'[':
                (_where, _isCodeUnclear) = (Where.Code, false);
                break;
            case (byte)'"':
                BeginQuoted(Where.Raw);
                break;
            case (byte)'{':
                throw _budget.Broken("a literal in place of a text");
            default:
                _where = Where.Raw;
                break;
        }
    }

    private void TakeCode(byte c, bool isLast)
    {
        switch (c)
        {
            case (byte)'"' when !_isCodeUnclear:
                BeginQuoted(Where.Code);
                break;
            case (byte)'{' or (byte)'"':
                throw _budget.Broken("a response code that is not well formed");
            case (byte)'(':
                _budget.Open();
                break;
            case (byte)')':
                _budget.Close();
                break;
            case (byte)']' when _budget.Depth == 0:
                _where = Where.Raw;
                break;
            // For MailKit some codes end here, others after the list.
            case (byte)']':
                _isCodeUnclear = true;
                break;
            case (byte)'\n':
                EndLine(isLast);
                break;
        }
    }

    private void TakeQuoted(byte c)
    {
        _budget.CountQuoted(1);
        if (!_escaped && c == (byte)'"')
            _where = Where.QuotedEnd;
        else
            _escaped = !_escaped && c == (byte)'\\';
    }

    private void TakeSize(byte c)
    {
        if (_size.Take(c) is not { } isDone)
            throw _budget.Broken("a literal whose size is not well formed");
        if (!isDone)
            return;
        _left = _size.Value;
        _budget.CountLiteral(_left, _isBody);
        _where = _left == 0 ? Where.Tokens : _isBody ? Where.Body : Where.SmallLiteral;
    }

    // MailKit reads an unexpected literal's content as tokens. So only bytes pass that open and close the same lists in both readings.
    private void TakeSmallLiteral(byte c)
    {
        switch (c)
        {
            case (byte)'"' or (byte)'{' or (byte)'\r' or (byte)'\n':
                throw _budget.Broken("quotes or line ends in a literal that is no body");
            case (byte)'(':
                _budget.Open();
                break;
            case (byte)')':
                _budget.Close();
                break;
        }

        if (--_left == 0)
            _where = Where.Tokens;
    }

    private void BeginQuoted(Where after)
    {
        (_where, _afterQuoted, _escaped) = (Where.Quoted, after, false);
        _budget.BeginQuoted();
    }

    private void EndLine(bool isLast)
    {
        var startsTls = _startsTls && _head.IsTagged;
        _where = Where.Head;
        IsAtRest = isLast && _head.IsTagged;
        _head.Clear();
        _listed.EndLine();
        _budget.EndLine();
        if (!startsTls)
            return;
        _startsTls = false;
        if (!isLast)
            throw _budget.Broken("more than the answer to STARTTLS before TLS");
    }
}
