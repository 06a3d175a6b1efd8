namespace EmailIngestion.Hostile.Servers;

/// <summary>A command that a mail server receives.</summary>
/// <param name="Tag">Its tag.</param>
/// <param name="Text">The command without its tag.</param>
internal sealed record Command(string Tag, string Text)
{
    public Step Step => Text.Split(' ')[0] switch
    {
        "CAPABILITY" => Step.Capability,
        "STARTTLS" => Step.StartTls,
        "LOGIN" or "AUTHENTICATE" => Step.Login,
        "ID" => Step.Id,
        "NAMESPACE" => Step.Namespace,
        "LIST" => Step.List,
        "EXAMINE" => Step.Examine,
        "UID" when Text.StartsWith("UID SEARCH", StringComparison.Ordinal) => Step.Search,
        "UID" when Text.Contains("HEADER", StringComparison.Ordinal) => Step.Header,
        "UID" when Text.Contains("BODY", StringComparison.Ordinal) => Step.Bodies,
        "UID" => Step.Envelopes,
        _ => Step.Other,
    };
}
