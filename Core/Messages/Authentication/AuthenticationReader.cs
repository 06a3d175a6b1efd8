namespace EmailIngestion.Messages.Authentication;

/// <summary>Reads who sent an email: what the trusted receiving server says, and our own check of DKIM.</summary>
internal static class AuthenticationReader
{
    private const int MaxDomain = 255;
    private const int MaxDkim = 20;

    /// <summary>
    /// The results of the trusted server and of our own check of DKIM; null when no trusted server says anything and DKIM is not checked.
    /// </summary>
    public static ParsedAuthentication? Read(EmailConversion email)
    {
        var told = email.Settings.AuthenticationServer is { Length: > 0 } setting ? Read(email, setting) : null;
        return email.Settings.DkimKeys is { } keys
            ? (told ?? new ParsedAuthentication { Dkim = [] }) with { Verified = DkimCheck.Run(email, keys) }
            : told;
    }

    private static ParsedAuthentication? Read(EmailConversion email, string setting)
    {
        var fields = TrustedFields.Find(email.Mime.Headers, new TrustedServers(setting));
        var dkim = Dkim(email, fields);
        var spf = Single(fields, "spf", "smtp.mailfrom", "smtp.helo");
        var dmarc = Single(fields, "dmarc", "header.from");
        var arc = Single(fields, "arc", "header.d");
        if (spf is null && dkim.Count == 0 && dmarc is null && arc is null)
            return null;
        return new ParsedAuthentication { Server = fields[0].Server, Spf = spf, Dkim = dkim, Dmarc = dmarc, Arc = arc };
    }

    private static List<ParsedAuthenticationResult> Dkim(
        EmailConversion email, IReadOnlyList<(string Server, AuthenticationField Field)> fields)
    {
        var results = new List<ParsedAuthenticationResult>();
        foreach (var result in fields.SelectMany(one => one.Field.Results).Where(result => result.Method == "dkim"))
        {
            if (results.Count == MaxDkim)
            {
                email.AddTruncated("authentication");
                break;
            }

            var domain = Domain(result.Property("header.d")) ?? Domain(result.Property("header.i"));
            results.Add(Parsed(result, domain, Bounded(result.Property("header.s"))));
        }

        return results;
    }

    // The first field with the method counts. Results in it that contradict each other say nothing: an address of the sender may have
    // become syntax, where the server wrote it without quotes.
    private static ParsedAuthenticationResult? Single(
        IReadOnlyList<(string Server, AuthenticationField Field)> fields, string method, params string[] properties)
    {
        foreach (var (_, field) in fields)
        {
            var results = field.Results.Where(result => result.Method == method).ToList();
            // A server may check SPF for HELO too.
            if (results.Exists(result => result.Property(properties[0]) is not null))
                results.RemoveAll(result => result.Property(properties[0]) is null);
            if (results.Count == 0)
                continue;
            var first = results[0];
            var domain = properties.Select(property => Domain(first.Property(property))).FirstOrDefault(one => one is not null);
            return results.TrueForAll(result => result.Result == first.Result) ? Parsed(first, domain, selector: null) : null;
        }

        return null;
    }

    private static ParsedAuthenticationResult Parsed(AuthenticationResult result, string? domain, string? selector) =>
        new(BoundedText.Line(result.Result, 50), domain, selector, Reason(result.Property("reason")) ?? Reason(result.Comment));

    private static string? Reason(string? text) => text is not null && BoundedText.Line(text) is { Length: > 0 } line ? line : null;

    // The domain of an address, or the value itself. Microsoft 365 writes "none" where there is none.
    private static string? Domain(string? value) =>
        Bounded(value?[(value.LastIndexOf('@') + 1)..].Trim('<', '>', '.')) is { } domain && domain != "none" ? domain : null;

    private static string? Bounded(string? value) =>
        value is { Length: > 0 and <= MaxDomain } && BoundedText.Line(value) == value ? value.ToLowerInvariant() : null;
}
