namespace EmailIngestion.Messages.Content.Calendars;

/// <summary>
/// Finds the machine's time zones by the names that calendars use. .NET knows the names of Windows only with ICU, which the apps run
/// without. So the names that Exchange writes most are here (from CLDR). A file with another name has a description of the zone (RFC 5545).
/// </summary>
internal static class SystemZones
{
    private static readonly Dictionary<string, string> Windows = new(StringComparer.OrdinalIgnoreCase)
    {
        ["UTC"] = "Etc/UTC",
        ["GMT Standard Time"] = "Europe/London",
        ["Greenwich Standard Time"] = "Atlantic/Reykjavik",
        ["W. Europe Standard Time"] = "Europe/Berlin",
        ["Central Europe Standard Time"] = "Europe/Budapest",
        ["Central European Standard Time"] = "Europe/Warsaw",
        ["Romance Standard Time"] = "Europe/Paris",
        ["E. Europe Standard Time"] = "Europe/Chisinau",
        ["FLE Standard Time"] = "Europe/Kiev",
        ["GTB Standard Time"] = "Europe/Bucharest",
        ["Russian Standard Time"] = "Europe/Moscow",
        ["Turkey Standard Time"] = "Europe/Istanbul",
        ["Israel Standard Time"] = "Asia/Jerusalem",
        ["South Africa Standard Time"] = "Africa/Johannesburg",
        ["Arabian Standard Time"] = "Asia/Dubai",
        ["India Standard Time"] = "Asia/Calcutta",
        ["SE Asia Standard Time"] = "Asia/Bangkok",
        ["China Standard Time"] = "Asia/Shanghai",
        ["Singapore Standard Time"] = "Asia/Singapore",
        ["Tokyo Standard Time"] = "Asia/Tokyo",
        ["Korea Standard Time"] = "Asia/Seoul",
        ["AUS Eastern Standard Time"] = "Australia/Sydney",
        ["New Zealand Standard Time"] = "Pacific/Auckland",
        ["E. South America Standard Time"] = "America/Sao_Paulo",
        ["Argentina Standard Time"] = "America/Buenos_Aires",
        ["SA Pacific Standard Time"] = "America/Bogota",
        ["Atlantic Standard Time"] = "America/Halifax",
        ["Eastern Standard Time"] = "America/New_York",
        ["Central Standard Time"] = "America/Chicago",
        ["Central Standard Time (Mexico)"] = "America/Mexico_City",
        ["Mountain Standard Time"] = "America/Denver",
        ["US Mountain Standard Time"] = "America/Phoenix",
        ["Pacific Standard Time"] = "America/Los_Angeles",
    };

    /// <summary>The zone with an IANA or a Windows name; null when it is unknown.</summary>
    public static TimeZoneInfo? Find(string id)
    {
        // Some programs put their own name before it, as in "/mozilla.org/20070129_1/Europe/Berlin".
        if (id.StartsWith('/') && id.Split('/') is [.., var area, var place])
            id = $"{area}/{place}";
        id = Windows.GetValueOrDefault(id, id);
        // The name becomes a file's path.
        return id.Length is > 0 and <= 64 && id.All(IsOfName) && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : null;
    }

    private static bool IsOfName(char character) => char.IsAsciiLetterOrDigit(character) || character is '/' or '_' or '-' or '+';
}
