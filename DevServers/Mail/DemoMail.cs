using EmailIngestion.Messages;

namespace EmailIngestion.DevServers.Mail;

/// <summary>
/// Generates mail as mailboxes hold it: every second message is ordinary, the others are of each odd kind in turn. The same arguments give
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

    /// <summary>All kinds that <see cref="Generate"/> returns for 90 messages or more.</summary>
    public static IEnumerable<string> Kinds => Ordinary.Concat(Odd).Select(kind => kind.Kind).Distinct();

    /// <param name="count">The number of messages; 90 hold every kind.</param>
    /// <param name="seed">The seed; another seed gives other words.</param>
    /// <param name="now">The end of the six days in which the messages arrived, oldest first.</param>
    public static IEnumerable<DemoMessage> Generate(int count, int seed, DateTimeOffset now)
    {
        Charsets.Register();
        for (var i = 0; i < count; i++)
        {
            var (kind, build) = At(i);
            var date = WholeSeconds(now.AddDays(-Days * (count - i) / (double)count));

            // The second message of an identical pair uses the random numbers of the first.
            var first = kind == "identical-second" ? i - 2 : i;
            var sent = WholeSeconds(now.AddDays(-Days * (count - first) / (double)count));
            var draft = new DemoDraft(new Random(unchecked((seed * 1_000_003) + first)), first, sent);
            yield return new DemoMessage(build(draft), date, kind);
        }
    }

    /// <summary>A message that the demo's processor refuses for good, so that it becomes a dead letter.</summary>
    public static DemoMessage Poison(DateTimeOffset now)
    {
        var date = WholeSeconds(now);
        var draft = new DemoDraft(new Random(1), 0, date);
        var body = OrdinaryMail.TextPart("plain", "This one is refused.\r\n");
        var message = draft.Message(DemoPhrases.English, body, "A message nobody can process");
        message.MessageId = "poison@mail.example.test";
        message.Headers.Add(PoisonHeader, "yes");
        return new DemoMessage(DemoDraft.Serialize(message), date, "poison");
    }

    private static (string Kind, Func<DemoDraft, byte[]> Build) At(int i)
    {
        if (i % 2 == 0) return Ordinary[i / 2 % Ordinary.Length];
        var odd = Odd[i / 2 % Odd.Length];

        // Limits the messages of one megabyte, which would else be most of a big mailbox.
        return odd.Kind == "large" && i / 2 / Odd.Length % LargeEvery != 0 ? Ordinary[0] : odd;
    }

    private static DateTimeOffset WholeSeconds(DateTimeOffset date) =>
        new(date.Ticks - (date.Ticks % TimeSpan.TicksPerSecond), date.Offset);
}
