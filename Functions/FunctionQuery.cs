using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Functions;

/// <summary>
/// Refuses parameters that a request does not know, and parts of a filter without a value: a typing mistake, or a variable that is not set,
/// would select everything.
/// </summary>
internal static class FunctionQuery
{
    // Every request may name a partition and has a key. The unnamed partition has no name.
    private static readonly string[] Everywhere = ["partition", "code"];

    // Without a value they have their default.
    private static readonly string[] Page = ["limit", "after", "newest"];

    /// <summary>The parts of a filter of dead letters.</summary>
    public static readonly string[] Filter = ["mailbox", "fingerprint", "reason", "errorType", "from", "to", "text"];

    /// <summary>Refuses what is not among these names; null if all are known.</summary>
    public static IResult? Refuse(HttpRequest request, IReadOnlyCollection<string> names)
    {
        foreach (var (name, value) in request.Query)
        {
            if (Has(Everywhere, name))
                continue;
            if (!Has(names, name))
            {
                return FunctionResults.Problem(
                    400,
                    "Unknown parameter",
                    $"{FunctionResults.Cut(name)} is not a parameter of this request: "
                    + $"the parameters are {string.Join(", ", names.Append(Everywhere[0]))}.");
            }

            if (!Has(Page, name) && string.IsNullOrWhiteSpace(value.ToString()))
                return FunctionResults.Problem(400, "Empty parameter", $"{name} is empty: leave it out.");
        }

        return null;
    }

    // As ASP.NET Core finds them: upper and lower case are the same.
    private static bool Has(IEnumerable<string> names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
