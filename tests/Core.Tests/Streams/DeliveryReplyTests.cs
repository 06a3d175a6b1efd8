using System.Globalization;
using System.Text;
using CsCheck;
using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

/// <summary>Reads replies of XREADGROUP from their bytes.</summary>
public sealed class DeliveryReplyTests
{
    private static readonly EmailMessage Example = Mail.Of("Subject: x\r\n\r\nthe text\r\n");

    [Fact]
    public void A_reply_without_entries_has_no_deliveries() => Assert.Empty(Read(Reply()));

    [Fact]
    public void A_reply_without_streams_has_no_deliveries() => Assert.Empty(Read([]));

    [Fact]
    public void Each_entry_is_a_first_delivery_with_its_email_and_its_size()
    {
        var fields = EntryCodec.Encode(Example, notes: new NoteRequest(2, Completed: true, DeadLetters: false));
        var deliveries = Read(Reply(("1-0", fields), ("2-7", null), ("3-0", fields)));

        Assert.Equal(["1-0", "2-7", "3-0"], deliveries.Select(delivery => delivery.EntryId));
        Assert.All(deliveries, delivery => Assert.Equal(1, delivery.DeliveryCount));
        Assert.Equal("the entry was deleted from the stream", deliveries[1].Malformed);
        Assert.Equal(Example.Raw.ToArray(), deliveries[2].Message!.Raw.ToArray());
        Assert.Equal(Example, deliveries[2].Message! with { Raw = Example.Raw });
        Assert.Equal(new NoteRequest(2, Completed: true, DeadLetters: false), deliveries[2].Notes);
        Assert.Equal(fields.Sum(field => field.Name.Length() + field.Value.Length()), deliveries[2].EntryBytes);
    }

    [Fact]
    public void An_email_does_not_change_with_the_bytes_of_the_reply()
    {
        var reply = Reply(("1-0", EntryCodec.Encode(Example)));
        var delivery = Read(reply)[0];
        reply.AsSpan().Clear();
        Assert.Equal(Example.Raw.ToArray(), delivery.Message!.Raw.ToArray());
    }

    [Fact]
    public void An_entry_of_thousands_of_fields_is_read()
    {
        NameValueEntry[] fields =
        [
            .. Enumerable.Range(0, 5_000).Select(i => new NameValueEntry($"x{i}", new string('y', i % 50))),
            .. EntryCodec.Encode(Example),
        ];
        Assert.Equal(Example.Id, Read(Reply(("1-0", fields)))[0].Message!.Id);
    }

    [Fact]
    public void A_field_without_a_value_is_no_entry_of_redis() =>
        Assert.Throws<InvalidDataException>(() => Read("*2\r\n$1\r\ns\r\n*1\r\n*2\r\n$3\r\n1-0\r\n*1\r\n$1\r\nx\r\n"u8.ToArray()));

    [Fact]
    public void Both_forms_of_an_entry_give_the_same_email_or_the_same_fault() =>
        Gen.Select(
            Any.Of<string>([.. EntryCodec.Encode(Example).Select(field => (string)field.Name!), "raw-store", "notes", "x", ""]),
            Gen.OneOf(Gen.Byte.Array[0, 40], Gen.String.Select(Encoding.UTF8.GetBytes), Gen.Const("1"u8.ToArray())))
            .Array[0, 12].Sample(forged =>
            {
                var fields = EntryCodec.Encode(Example).ToList();
                foreach (var (name, value) in forged)
                    fields.Insert(fields.Count % (value.Length + 1), new NameValueEntry(name, value));
                var (message, malformed) = EntryCodec.Decode(fields.ToArray(), out var body);
                var delivery = Read(Reply(("1-0", [.. fields])))[0];

                Assert.Equal((malformed, body), (delivery.Malformed, delivery.Body));
                Assert.Equal(message?.Raw.ToArray(), delivery.Message?.Raw.ToArray());
                Assert.Equal(
                    message is null ? null : message with { Raw = default, Flags = null, Labels = null },
                    delivery.Message is null ? null : delivery.Message with { Raw = default, Flags = null, Labels = null });
            });

    [Fact]
    public void A_reply_that_is_cut_or_changed_is_refused_or_read_and_does_nothing_worse()
    {
        var whole = Reply(("1-0", EntryCodec.Encode(Example)), ("2-0", EntryCodec.Encode(Example)));
        for (var length = 1; length < whole.Length; length++)
            Assert.Throws<InvalidDataException>(() => Read(whole[..length]));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Byte).Array[1, 4].Sample(changes =>
        {
            var changed = whole.ToArray();
            foreach (var (at, value) in changes)
                changed[at] = value;
            try
            {
                Assert.True(Read(changed).Count <= changed.Length);
            }
            catch (InvalidDataException)
            {
                // Another form.
            }
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("-1")]
    [InlineData("1-")]
    [InlineData("1--1")]
    [InlineData("x-1")]
    [InlineData("99999999999999999999-0")]
    public void An_entry_without_a_valid_id_is_refused(string id) =>
        Assert.Throws<InvalidDataException>(() => Read(Reply((id, EntryCodec.Encode(Example)))));

    private static List<Delivery> Read(byte[] reply) => DeliveryReply.Read(reply);

    // What Redis replies for one stream.
    private static byte[] Reply(params (string Id, NameValueEntry[]? Fields)[] entries)
    {
        using var reply = new MemoryStream();
        Array(reply, 2);
        Text(reply, "email_ingestion_stream");
        Array(reply, entries.Length);
        foreach (var (id, fields) in entries)
        {
            Array(reply, 2);
            Text(reply, id);
            Array(reply, fields is null ? -1 : 2 * fields.Length);
            foreach (var field in fields ?? [])
            {
                Text(reply, field.Name);
                Text(reply, field.Value);
            }
        }

        return reply.ToArray();
    }

    private static void Array(Stream to, int length) =>
        to.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*{length}\r\n")));

    private static void Text(Stream to, RedisValue text)
    {
        var bytes = (byte[])text!;
        to.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${bytes.Length}\r\n")));
        to.Write(bytes);
        to.Write("\r\n"u8);
    }
}
