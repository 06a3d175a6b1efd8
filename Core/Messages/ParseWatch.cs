namespace EmailIngestion.Messages;

/// <summary>
/// Watches the parsing of one email. A failure or a timeout in it is the email's own failure and says nothing about the processor's
/// dependency.
/// </summary>
internal sealed class ParseWatch
{
    private int _depth;
    private Exception? _failure;

    /// <summary>Whether the email is being parsed now.</summary>
    public bool IsParsing => Volatile.Read(ref _depth) > 0;

    /// <summary>Whether the parser threw this exception or one that it wraps.</summary>
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

    /// <summary>Runs the parser and keeps the exception it throws.</summary>
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

    // Cancellation is no failure of the parser. The filter returns false, so that the exception keeps its stack.
    private bool Note(Exception error)
    {
        if (error is not OperationCanceledException)
            Volatile.Write(ref _failure, error);
        return false;
    }
}
