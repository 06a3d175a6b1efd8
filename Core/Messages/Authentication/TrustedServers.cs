namespace EmailIngestion.Messages.Authentication;

/// <summary>
/// The servers whose results are believed: their authserv-ids, separated by commas, or <see cref="Microsoft365"/>.
/// </summary>
internal readonly struct TrustedServers(string setting)
{
    /// <summary>The value for Microsoft 365, whose fields have no authserv-id.</summary>
    public const string Microsoft365 = "microsoft365";

    private readonly string[] _names = setting.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The name of the trusted server that wrote a field; null when it is not trusted.</summary>
    /// <param name="server">The field's authserv-id; null when it has none.</param>
    public string? Find(string? server)
    {
        foreach (var name in _names)
        {
            var isMicrosoft365 = name.Equals(Microsoft365, StringComparison.OrdinalIgnoreCase);
            if (isMicrosoft365 ? server is null : name.Equals(server, StringComparison.OrdinalIgnoreCase))
                return name.ToLowerInvariant();
        }

        return null;
    }
}
