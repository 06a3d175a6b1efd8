namespace EmailIngestion.Messages.Authentication;

/// <summary>Reads what the trusted receiving server says of the sender.</summary>
internal static class AuthenticationReader
{
    /// <summary>The results of the trusted server; null when no server is trusted or it says nothing.</summary>
    public static ParsedAuthentication? Read(EmailConversion email) => null;
}
