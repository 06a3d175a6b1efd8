using System.Globalization;
using System.Text;

namespace EmailIngestion.Faults;

/// <summary>The emails of a run, by number. The subject contains the number, and the number decides what the receiver does.</summary>
internal sealed class Mail(int seed, int count, bool calm, bool large)
{
    private const int Large = 200_000;
    private const int MostLarge = 2_000_000;
    private const int LargeEach = 7;
    private const int Waiting = 3;

    /// <summary>Returns what the receiver does with this email.</summary>
    public Fate FateOf(int number)
    {
        if (calm)
            return Fate.Done;
        // Every run has at least one of each.
        if (number == count / 3)
            return Fate.Kills;
        if (number == count / 2)
            return Fate.Refused;
        // The first email of each mailbox: all other entries of its stream are settled above it.
        if (number % Mailboxes.Batch == 0 && number < Waiting * Mailboxes.Batch)
            return Fate.Waits;
        return Of(number, 0).Next(10_000) switch
        {
            < 3 => Fate.Kills,
            < 60 => Fate.Refused,
            < 360 => Fate.FailsOnce,
            < 400 => Fate.HangsOnce,
            _ => Fate.Done,
        };
    }

    public byte[] Raw(int number)
    {
        var random = Of(number, 1);
        var size = random.Next(100) == 0 ? Large : random.Next(100, 8_000);
        if (large && number % LargeEach == 0)
            size = random.Next(Large, MostLarge);
        var text = new StringBuilder()
            .Append(
                CultureInfo.InvariantCulture,
                $"From: sender{number % 97}@example.test\r\nTo: team@example.test\r\nSubject: Mail {number}\r\n")
            .Append(CultureInfo.InvariantCulture, $"Message-ID: <{number}.{seed}@example.test>\r\nContent-Type: text/plain\r\n\r\n");
        while (text.Length < size)
            text.Append(CultureInfo.InvariantCulture, $"{random.Next():X8} {random.Next():X8} {random.Next():X8} {random.Next():X8}\r\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    public static int NumberOf(string subject) => int.Parse(subject.AsSpan("Mail ".Length), CultureInfo.InvariantCulture);

    private Random Of(int number, int use) => new(unchecked((seed * 1_000_003) ^ (number * 7_919) ^ (use * 104_729)));
}

internal enum Fate
{
    Done,

    /// <summary>The receiver answers the first request with 500.</summary>
    FailsOnce,

    /// <summary>The receiver does not answer the first request.</summary>
    HangsOnce,

    /// <summary>
    /// The receiver refuses it until the faults are over, so its delivery is in work or waits for its retry all the time.
    /// </summary>
    Waits,

    /// <summary>The receiver always answers 422, so it becomes a dead letter.</summary>
    Refused,

    /// <summary>The process that posts it is killed each time, so it becomes a dead letter.</summary>
    Kills,
}
