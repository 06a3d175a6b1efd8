using EmailIngestion.Messages;

namespace EmailIngestion.DevServers.Mail;

/// <summary>
/// Mail as mailboxes hold it: every other one ordinary, the rest one of each oddity in turn. The same arguments give
/// the same bytes.
/// </summary>
internal static class DemoMail
{
    public const string PoisonHeader = "X-Demo-Poison";

    private const int Days = 6;
    private const int LargeEvery = 8;

    private static readonly (string Kind, Func<DemoDraft, byte[]> Build)[] Ordinary =
    [
        ("plain", OrdinaryMail.Plain),
        ("html", OrdinaryMail.Html),
        ("plain", OrdinaryMail.Plain),
        ("attachments", OrdinaryMail.Attachments),
        ("html", OrdinaryMail.Html),
    ];

    private static readonly (string Kind, Func<DemoDraft, byte[]> Build)[] Odd =
        [.. StructuredMail.Kinds, .. EncodedMail.Kinds, .. HeaderMail.Kinds, .. BrokenMail.Kinds, ("large", OrdinaryMail.Large)];

    /// <summary>All kinds that <see cref="Generate"/> gives, if it is asked for at least ninety messages.</summary>
    public static IEnumerable<string> Kinds => Ordinary.Concat(Odd).Select(kind => kind.Kind).Distinct();

    /// <param name="count">How many; ninety hold every kind.</param>
    /// <param name="seed">Other seeds, other words.</param>
    /// <param name="now">The messages arrived in the six days before, the oldest first.</param>
    public static IEnumerable<DemoMessage> Generate(int count, int seed, DateTimeOffset now)
    {
        Charsets.Register();
        for (var i = 0; i < count; i++)
        {
            var (kind, build) = At(i);
            var date = WholeSeconds(now.AddDays(-Days * (count - i) / (double)count));

            // Twins are made from the same dice: the second of a pair, one odd mail later, rolls those of the first.
            var first = kind == "identical-second" ? i - 2 : i;
            var sent = WholeSeconds(now.AddDays(-Days * (count - first) / (double)count));
            var draft = new DemoDraft(new Random(unchecked((seed * 1_000_003) + first)), first, sent);
            yield return new DemoMessage(build(draft), date, kind);
        }
    }

    /// <summary>A message that the demo's processor refuses for good: it ends among the dead letters.</summary>
    public static DemoMessage Poison(DateTimeOffset now)
    {
        var date = WholeSeconds(now);
        var draft = new DemoDraft(new Random(1), 0, date);
        var message = draft.Message(DemoPhrases.English, OrdinaryMail.TextPart("plain", "This one is refused.\r\n"), "A message nobody can process");
        message.MessageId = "poison@mail.example.test";
        message.Headers.Add(PoisonHeader, "yes");
        return new DemoMessage(DemoDraft.Serialize(message), date, "poison");
    }

    private static (string Kind, Func<DemoDraft, byte[]> Build) At(int i)
    {
        if (i % 2 == 0) return Ordinary[i / 2 % Ordinary.Length];
        var odd = Odd[i / 2 % Odd.Length];

        // A megabyte in every round would make most of a big mailbox.
        return odd.Kind == "large" && i / 2 / Odd.Length % LargeEvery != 0 ? Ordinary[0] : odd;
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset date) => new(date.Ticks - (date.Ticks % TimeSpan.TicksPerSecond), date.Offset);
}
