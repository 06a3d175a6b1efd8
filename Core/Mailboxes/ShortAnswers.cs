namespace EmailIngestion.Mailboxes;

/// <summary>
/// Keeps bodies that are much shorter than announced until the next request. If the server returns the same body again, its announced size
/// is wrong, and the body is accepted. A body without the end of its header is accepted only at the last attempt.
/// </summary>
internal sealed class ShortAnswers
{
    private readonly Dictionary<uint, (int Request, ReadOnlyMemory<byte> Body)> _seen = [];
    private int _request;

    /// <summary>Begins another request. A body repeated within one answer proves nothing.</summary>
    public void BeginRequest() => _request++;

    /// <summary>Whether to accept the body.</summary>
    /// <param name="uid">The email's UID.</param>
    /// <param name="body">The received body.</param>
    /// <param name="answer">The kind of the body, by its size.</param>
    /// <param name="isLastAttempt">Whether the email becomes a dead letter if this body is not accepted.</param>
    public bool Accepts(uint uid, ReadOnlyMemory<byte> body, Answer answer, bool isLastAttempt)
    {
        if (answer == Answer.Whole)
            return true;
        if (answer == Answer.Nothing)
            return false;
        var isSame = _seen.TryGetValue(uid, out var former)
            && former.Request != _request
            && former.Body.Span.SequenceEqual(body.Span);
        _seen[uid] = (_request, body);
        return isSame && (answer == Answer.Short || isLastAttempt);
    }
}
