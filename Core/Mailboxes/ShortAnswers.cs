namespace EmailIngestion.Mailboxes;

/// <summary>
/// Keeps bodies that are much shorter than announced until they are given again. One that is the same at each ask is what the server
/// has, and its count is wrong: it is taken rather than lost. One without the end of its header is taken so only at the last attempt.
/// </summary>
internal sealed class ShortAnswers
{
    private readonly Dictionary<uint, (int Ask, ReadOnlyMemory<byte> Body)> _seen = [];
    private int _ask;

    /// <summary>Begins another question: what is repeated in one answer says nothing.</summary>
    public void Ask() => _ask++;

    /// <summary>Whether the body is taken.</summary>
    /// <param name="uid">Its UID.</param>
    /// <param name="body">What came.</param>
    /// <param name="answer">What it is by its size.</param>
    /// <param name="isLastAttempt">The email is a dead letter if it is not taken now.</param>
    public bool Takes(uint uid, ReadOnlyMemory<byte> body, Answer answer, bool isLastAttempt)
    {
        if (answer == Answer.Whole)
            return true;
        if (answer == Answer.Nothing)
            return false;
        var isSame = _seen.TryGetValue(uid, out var former) && former.Ask != _ask && former.Body.Span.SequenceEqual(body.Span);
        _seen[uid] = (_ask, body);
        return isSame && (answer == Answer.Short || isLastAttempt);
    }
}
