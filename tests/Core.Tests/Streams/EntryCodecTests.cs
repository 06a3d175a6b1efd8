using CsCheck;
using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class EntryCodecTests
{
    private static readonly Gen<string> Text = Gen.String[Gen.Char.AlphaNumeric, 0, 20].Select(text => text + "é\r\n\"{}😀");

    private static readonly Gen<IReadOnlyList<string>?> Tags =
        Text.Select(text => text.ReplaceLineEndings(" ")).Array[0, 5].Select(tags => TagList.Of(tags));

    private static readonly Gen<EmailMessage> Emails = Gen.Select(
        Gen.Select(Text, Gen.String[Gen.Char.AlphaNumeric, 1, 20], Gen.UInt, Gen.UInt),
        Gen.Select(Text, Text, Text, Text.Null()),
        Gen.Select(Gen.DateTimeOffset, Gen.Long, Gen.Byte.Array),
        Gen.Select(Tags, Tags, Gen.ULong, Gen.ULong, Gen.Bool),
        (place, texts, rest, server) => new EmailMessage
        {
            Id = EmailId.Of(place.Item1, place.Item2, place.Item3, place.Item4),
            Mailbox = place.Item2,
            UidValidity = place.Item3,
            Uid = place.Item4,
            MessageId = texts.Item1,
            From = texts.Item2,
            Subject = texts.Item3,
            TraceParent = texts.Item4,
            Date = rest.Item1,
            Size = rest.Item2,
            Raw = rest.Item3,
            Flags = server.Item1,
            Labels = server.Item2,
            GmailMessageId = server.Item5 ? server.Item3 : null,
            GmailThreadId = server.Item5 ? server.Item4 : null,
        });

    [Fact]
    public void What_is_encoded_is_decoded() => Emails.Sample(message =>
    {
        var (decoded, malformed) = Decode(Encode(message));
        Assert.Null(malformed);
        Assert.Equal(message.Raw.ToArray(), decoded!.Raw.ToArray());
        Assert.Equal(message.Flags, decoded.Flags);
        Assert.Equal(message.Labels, decoded.Labels);
        Assert.Equal(message, decoded with { Raw = message.Raw, Flags = message.Flags, Labels = message.Labels });
    });

    [Fact]
    public void An_email_without_flags_and_labels_has_no_fields_for_them()
    {
        string[] optional = ["flags", "labels", "gmail-message-id", "gmail-thread-id", "traceparent"];
        var message = Mail.Of("Subject: x\r\n\r\n") with { Flags = [], Labels = [] };
        Assert.Empty(Encode(message).Keys.Intersect(optional));
        Assert.Equal(optional.Concat(["raw"]), Encode(Example()).Keys.SkipWhile(name => name != "flags"));
    }

    [Fact]
    public void Flags_labels_and_ids_are_text_that_people_can_read()
    {
        var fields = Encode(Example());
        Assert.Equal("\\Seen\n$Forwarded", (string?)fields["flags"]);
        Assert.Equal("\\Inbox\nRechnungen/März 2026", (string?)fields["labels"]);
        Assert.Equal("1278455344230334865", (string?)fields["gmail-message-id"]);
        Assert.Equal("18446744073709551615", (string?)fields["gmail-thread-id"]);
    }

    [Theory]
    [InlineData("flags", "")]
    [InlineData("flags", "\n\n \n")]
    [InlineData("labels", "\n")]
    [InlineData("gmail-message-id", "")]
    [InlineData("gmail-message-id", "-1")]
    [InlineData("gmail-message-id", "1e3")]
    [InlineData("gmail-thread-id", "18446744073709551616")]
    public void A_flag_label_or_id_that_cannot_be_read_is_left_out(string field, string value)
    {
        var fields = Encode(Example());
        fields[field] = value;
        var read = Decode(fields).Message!;
        object? left = field switch
        {
            "flags" => read.Flags,
            "labels" => read.Labels,
            "gmail-thread-id" => read.GmailThreadId,
            _ => read.GmailMessageId,
        };
        Assert.Null(left);
    }

    [Fact]
    public void Flags_and_labels_of_another_writer_are_bounded()
    {
        var fields = Encode(Example());
        fields["flags"] = string.Concat(Enumerable.Range(0, 1_000).Select(i => $"{i}\n"));
        fields["labels"] = "a\u001b[2Jb\n" + new string('x', 1_000_000);
        var message = Decode(fields).Message!;
        Assert.Equal(100, message.Flags!.Count);
        Assert.Equal(["a [2Jb", new string('x', 200)], message.Labels);
    }

    [Fact]
    public void A_date_of_any_zone_travels_in_utc()
    {
        var date = new DateTimeOffset(2024, 1, 1, 1, 0, 0, TimeSpan.FromHours(14));
        var fields = Encode(Example() with { Date = date });
        Assert.Equal("2023-12-31T11:00:00.0000000Z", (string?)fields["date"]);
        Assert.Equal(date, Decode(fields).Message!.Date);
    }

    [Theory]
    [InlineData("version", null)]
    [InlineData("version", "")]
    [InlineData("version", "2")]
    [InlineData("id", null)]
    [InlineData("id", "")]
    [InlineData("id", "15 bytes, no id")]
    [InlineData("mailbox", null)]
    [InlineData("mailbox", "")]
    [InlineData("uidvalidity", null)]
    [InlineData("uidvalidity", "-1")]
    [InlineData("uidvalidity", "4294967296")]
    [InlineData("uid", null)]
    [InlineData("uid", "one")]
    [InlineData("date", null)]
    [InlineData("date", "the thirtieth of February")]
    [InlineData("size", null)]
    [InlineData("size", "large")]
    [InlineData("raw", null)]
    public void A_malformed_entry_is_reported_by_the_name_of_its_field(string field, string? value)
    {
        var fields = Encode(Example());
        if (value is null)
            fields.Remove(field);
        else
            fields[field] = value;
        var (message, malformed) = Decode(fields);
        Assert.Null(message);
        Assert.StartsWith($"field '{field}' ", malformed, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("message-id")]
    [InlineData("from")]
    [InlineData("subject")]
    [InlineData("flags")]
    [InlineData("labels")]
    [InlineData("gmail-message-id")]
    [InlineData("gmail-thread-id")]
    [InlineData("traceparent")]
    public void An_entry_without_its_optional_fields_is_whole(string field)
    {
        var fields = Encode(Example());
        fields.Remove(field);
        Assert.Null(Decode(fields).Malformed);
    }

    [Fact]
    public void An_entry_of_another_writer_is_malformed_and_does_nothing_worse() =>
        Gen.Select(Any.Of("version", "id", "uid", "raw", "x"), Gen.Byte.Array[0, 20]).Array[0, 8].Sample(fields =>
        {
            var (message, malformed) = Decode(fields.Select(field => new NameValueEntry(field.Item1, field.Item2)));
            Assert.Null(message);
            Assert.NotNull(malformed);
        });

    [Fact]
    public void An_entry_with_any_bytes_in_any_field_is_read_or_malformed() =>
        Gen.Select(
            Any.Of<string>([.. Encode(Example()).Keys, "x", ""]),
            Gen.OneOf(Gen.Byte.Array[0, 40], Gen.String.Select(System.Text.Encoding.UTF8.GetBytes)))
            .Array[0, 12].Sample(forged =>
            {
                var fields = Encode(Example()).Select(field => new NameValueEntry(field.Key, field.Value)).ToList();
                foreach (var (name, value) in forged)
                    fields.Insert(fields.Count % (value.Length + 1), new NameValueEntry(name, value));
                var (message, malformed) = Decode(fields);
                Assert.NotEqual(message is null, malformed is null);
            });

    [Fact]
    public void A_mailbox_of_megabytes_is_malformed()
    {
        var fields = Encode(Example());
        fields["mailbox"] = new string('m', 1_000_000);
        Assert.Equal("field 'mailbox' is 1000000 characters", Decode(fields).Malformed);
    }

    [Theory]
    [InlineData("1700000000000-0", 1_700_000_000_000)]
    [InlineData("18446744073709551615-1", 253_402_300_799_999)]
    [InlineData("99999999999999999999999-1", 253_402_300_799_999)]
    public void The_time_of_any_id_is_a_time(string id, long milliseconds) =>
        Assert.Equal(milliseconds, EntryTime.Of(id).ToUnixTimeMilliseconds());

    [Fact]
    public void The_fields_of_a_reply_are_read_in_pairs()
    {
        var fields = EntryCodec.ReadFields(RedisResult.Create(["a", "1", "b", "2", "left over"]));
        Assert.Equal([("a", "1"), ("b", "2")], fields.Select(field => ((string)field.Name!, (string)field.Value!)));
    }

    [Fact]
    public void The_order_of_the_fields_does_not_matter() =>
        Gen.Shuffle(Encode(Example() with { Subject = "x" }).ToArray()).Sample(fields =>
            Assert.Equal("x", Decode(fields.Select(field => new NameValueEntry(field.Key, field.Value))).Message!.Subject));

    private static (EmailMessage? Message, string? Malformed) Decode(Dictionary<string, RedisValue> fields) =>
        Decode(fields.Select(field => new NameValueEntry(field.Key, field.Value)));

    private static (EmailMessage? Message, string? Malformed) Decode(IEnumerable<NameValueEntry> fields) =>
        EntryCodec.Decode(fields.ToArray(), out _);

    private static EmailMessage Example() => Mail.Of("Subject: x\r\n\r\n") with
    {
        Flags = ["\\Seen", "$Forwarded"],
        Labels = ["\\Inbox", "Rechnungen/März 2026"],
        GmailMessageId = 1278455344230334865,
        GmailThreadId = ulong.MaxValue,
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    };

    private static Dictionary<string, RedisValue> Encode(EmailMessage message) =>
        EntryCodec.Encode(message).ToDictionary(field => (string)field.Name!, field => field.Value);
}
