using EmailIngestion.Messages;

namespace EmailIngestion.Streams;

/// <summary>What a log line says of a Redis error: its point, without the pages of diagnostics that the client adds.</summary>
internal static class BriefError
{
    private const int MaxLength = 200;

    private static readonly string[] Diagnostics = [" - Last Connection Exception", ", last:", ", command=", ", next:", ", origin:"];

    public static string Of(Exception error)
    {
        var text = error.Message.ReplaceLineEndings(" ");
        foreach (var mark in Diagnostics)
        {
            if (text.IndexOf(mark, StringComparison.Ordinal) is > 0 and var at)
                text = text[..at];
        }

        return BoundedText.Cut(text, MaxLength);
    }
}
