using System.Buffers;
using System.Globalization;

namespace EmailIngestion.Messages.Authentication;

/// <summary>Makes the name of a key record.</summary>
internal static class DkimKeyName
{
    private const int MaxName = 253;
    private const int MaxLabel = 63;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    // Without rules: domains with an underscore exist.
    private static readonly IdnMapping Idn = new() { AllowUnassigned = true };

    /// <summary>The name in ASCII and lower case; null when it cannot be one.</summary>
    public static string? Of(string domain, string selector)
    {
        try
        {
            var name = Idn.GetAscii($"{selector}._domainkey.{domain}").ToLowerInvariant();
            var isName = name.Length <= MaxName
                && !name.AsSpan().ContainsAnyExcept(Allowed)
                && name.Split('.').All(label => label.Length is > 0 and <= MaxLabel);
            return isName ? name : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
