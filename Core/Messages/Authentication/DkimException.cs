namespace EmailIngestion.Messages.Authentication;

/// <summary>Ends the check of a signature with a result. It passes through MimeKit from the search for the key.</summary>
internal sealed class DkimException(string result, string reason) : Exception(reason)
{
    public string Result => result;
}
