namespace EmailIngestion.Mailboxes.SignIn;

/// <summary>The addresses and the scope of Google.</summary>
internal static class GoogleEndpoints
{
    public const string Scope = "https://mail.google.com/";

    public static Uri Token { get; } = new("https://oauth2.googleapis.com/token");

    public static Uri Authorization { get; } = new("https://accounts.google.com/o/oauth2/v2/auth");
}
