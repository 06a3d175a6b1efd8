using System.Security.Authentication;
using EmailIngestion.Messages;

namespace EmailIngestion.Streams;

/// <summary>What a log line says of a Redis error: its point, without the pages of diagnostics that the client adds.</summary>
internal static class BriefError
{
    private const int MaxLength = 200;

    private static readonly string[] Diagnostics = [" - Last Connection Exception", ", last:", ", command=", ", next:", ", origin:"];

    public static string Of(Exception error)
    {
        var text = (Refused(error) ?? error).Message.ReplaceLineEndings(" ");
        foreach (var mark in Diagnostics)
        {
            if (text.IndexOf(mark, StringComparison.Ordinal) is > 0 and var at)
                text = text[..at];
        }

        return BoundedText.Cut(text, MaxLength);
    }

    // The client tells it as one of many reasons why it has no connection.
    private static AuthenticationException? Refused(Exception? error) => error switch
    {
        null => null,
        AuthenticationException refused => refused,
        AggregateException many => many.InnerExceptions.Select(Refused).FirstOrDefault(refused => refused is not null),
        _ => Refused(error.InnerException),
    };
}
