using System.Globalization;

namespace EmailIngestion.Faults.FollowUps;

/// <summary>Prints the account of the follow-ups for people.</summary>
internal static class FollowUpReport
{
    public static void Write(FollowUpAccount account, UnconfirmedKills kills)
    {
        Console.WriteLine("  After the outcome:");
        foreach (var (command, count) in kills.Counts)
            Line($"killed after {command}", count);
        foreach (var (place, count) in account.Places.OrderBy(place => place.Key, StringComparer.Ordinal))
            Line(place, count);
        Line("left, notes lost with Redis", account.Left);
        Line("copied again, notes lost with Redis", account.CopiedAgain);
        Line("wrong, twice, lost or early", account.Troubles.Count);
    }

    private static void Line(string what, int count) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {what,-50} {count,6:N0}"));
}
