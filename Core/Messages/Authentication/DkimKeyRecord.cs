namespace EmailIngestion.Messages.Authentication;

/// <summary>Checks the key record of a signature (RFC 6376, section 3.6.1) before its key is parsed.</summary>
internal static class DkimKeyRecord
{
    // In base64. A key of 4,096 bits has 736 characters; longer ones need not be accepted (RFC 8301) and cost much time.
    private const int MaxKey = 800;

    /// <summary>Returns the record in the form that MimeKit parses: the algorithm and the key only.</summary>
    /// <exception cref="DkimException">The key may not be used for the signature.</exception>
    public static string Checked(DkimTags key, DkimTags signature)
    {
        var algorithm = key["k"]?.ToLowerInvariant() ?? "rsa";
        var isFor = signature["a"]?.Split('-')[0].ToLowerInvariant();
        if (key["v"] is { } version && version != "DKIM1")
            throw Error("The record has another version than DKIM1.");
        if (key["p"] is not { } text)
            throw Error("The record has no key.");
        if (text.Length == 0)
            throw Error("The key is revoked.");
        if (algorithm != isFor)
            throw Error("The key is for another algorithm than the signature.");
        if (!key.Allows("h", "sha256"))
            throw Error("The key does not allow SHA-256.");
        if (!key.Allows("s", "*", "email"))
            throw Error("The key is not for email.");
        if (text.Length > MaxKey)
            throw Error("The key is longer than 4096 bits.");
        if (key.Has("t", "s") && signature["i"] is { } agent && !IsOf(agent, signature["d"]))
            throw Error("The key does not allow an address of a subdomain (t=s).");
        return $"k={algorithm}; p={text}";
    }

    private static bool IsOf(string agent, string? domain) =>
        agent[(agent.LastIndexOf('@') + 1)..].Equals(domain, StringComparison.OrdinalIgnoreCase);

    private static DkimException Error(string reason) => new(DkimResults.PermError, reason);
}
