using EmailIngestion.Messages;
using EmailIngestion.Streams;
using StackExchange.Redis;

namespace EmailIngestion.Hostile.Entries;

/// <summary>Makes entries that the product did not write. The same seed makes the same entries.</summary>
internal static class ForgedEntries
{
    private const int Huge = 5_000_000;

    /// <summary>Makes a valid entry with this UID.</summary>
    public static NameValueEntry[] Good(uint uid)
    {
        var raw = "Subject: a good one\r\n\r\nHello\r\n"u8.ToArray();
        return EntryCodec.Encode(new EmailMessage
        {
            Id = EmailId.Of("good@example.test", "INBOX", 7, uid),
            Mailbox = "good@example.test/INBOX",
            UidValidity = 7,
            Uid = uid,
            Date = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            Size = raw.Length,
            Raw = raw,
            Flags = [@"\Seen"],
            Labels = [@"\Inbox", "Invoices"],
            GmailMessageId = uid,
            GmailThreadId = uid,
        });
    }

    /// <param name="seed">The seed of the random entries.</param>
    /// <param name="random">The number of random entries.</param>
    public static IEnumerable<ForgedEntry> All(int seed, int random)
    {
        foreach (var field in Good(1).Select(field => field.Name.ToString()))
            yield return new($"without {field}", [.. Good(1).Where(own => own.Name != field)]);
        foreach (var (field, value) in Wrong)
            yield return With(
                $"{field} is '{(value.Length() > 40 ? $"{value.Length()} bytes" : value)}'", new NameValueEntry(field, value));
        yield return new("10,000 fields and no email", Junk(10_000));
        yield return new("an email behind 10,000 fields", [.. Junk(10_000), .. Good(2)]);
        yield return new("an email before 10,000 fields", [.. Good(3), .. Junk(10_000)]);
        yield return new("each name twice", [.. Good(4), .. Good(5)]);
        yield return new(
            "names of a dead letter", [new("body", "none"), new("reason", "mine"), new("replays", "many"), new("more-fields", "x")]);
        yield return new("a name of 5 MB", [new(new string('n', Huge), "x")]);
        yield return new("a field of 5 MB", [new("x", new byte[Huge])]);
        yield return new("no name and no value", [new("", "")]);
        var generator = new Random(seed);
        for (var i = 0; i < random; i++)
            yield return new($"random {i}", Random(generator));
        yield return new("an id far in the future", [new("x", "y")]) { Id = "8000000000000-1" };
    }

    private static IEnumerable<(string Field, RedisValue Value)> Wrong =>
    [
        ("version", "2"), ("version", ""), ("version", new byte[] { 0xff, 0xfe }), ("id", "short"), ("id", new byte[17]),
        ("id", new byte[Huge]),
        ("mailbox", ""), ("mailbox", new string('m', Huge)), ("mailbox", "../../etc/passwd\n\u001b[2J"), ("uid", "-1"),
        ("uid", "4294967296"),
        ("uid", "1e3"), ("uidvalidity", "-1"), ("uidvalidity", new string('9', 1000)), ("date", "0000-00-00"),
        ("date", "9999-12-31T23:59:59-14:00"),
        ("date", "0001-01-01T00:00:00Z"), ("date", new string('1', Huge)), ("size", "-9223372036854775808"),
        ("size", "9223372036854775808"),
        ("raw", ""), ("raw", new byte[Huge]), ("traceparent", "junk"), ("subject", new string('s', Huge)),
        ("message-id", new byte[] { 0, 1, 2, 0xff }), ("flags", new string('\n', Huge)), ("flags", "\u001b[2J"), ("labels", new byte[Huge]),
        ("labels", ""), ("gmail-message-id", "-1"), ("gmail-thread-id", new string('9', Huge)),
    ];

    private static ForgedEntry With(string what, NameValueEntry field) =>
        new(what, [.. Good(1).Where(own => own.Name != field.Name), field]);

    private static NameValueEntry[] Junk(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new NameValueEntry($"junk {i}", $"value {i}"))];

    private static NameValueEntry[] Random(Random generator)
    {
        var names = Good(1).Select(field => field.Name).ToArray();
        var fields = new NameValueEntry[generator.Next(1, 30)];
        for (var i = 0; i < fields.Length; i++)
            fields[i] = new NameValueEntry(
                generator.Next(2) == 0 ? names[generator.Next(names.Length)] : Bytes(generator, 20), Bytes(generator, 2_000));
        return fields;
    }

    private static byte[] Bytes(Random generator, int most)
    {
        var bytes = new byte[generator.Next(most)];
        generator.NextBytes(bytes);
        return bytes;
    }
}
