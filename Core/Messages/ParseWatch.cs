namespace EmailIngestion.Messages;

/// <summary>
/// Watches the parsing of one email. What fails there, or takes too long, is the email's own failure: it says nothing of the processor's
/// dependency.
/// </summary>
internal sealed class ParseWatch
{
    private int _depth;
    private Exception? _failure;

    /// <summary>Whether the email is being parsed now.</summary>
    public bool IsParsing => Volatile.Read(ref _depth) > 0;

    /// <summary>Whether this error, or what it wraps, was thrown by the parser.</summary>
    public bool Caused(Exception error)
    {
        var failure = Volatile.Read(ref _failure);
        if (failure is null)
            return false;
        for (var at = error; at is not null; at = at.InnerException)
        {
            if (ReferenceEquals(at, failure))
                return true;
        }

        return false;
    }

    public T Run<T>(Func<T> parse)
    {
        Interlocked.Increment(ref _depth);
        try
        {
            return parse();
        }
        catch (Exception e) when (Note(e))
        {
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref _depth);
        }
    }

    // A cancellation is ours. Answers false: the error goes its way, with its stack.
    private bool Note(Exception error)
    {
        if (error is not OperationCanceledException)
            Volatile.Write(ref _failure, error);
        return false;
    }
}
