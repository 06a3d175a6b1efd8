using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class StreamKeysTests
{
    private static readonly DateOnly Day = new(2024, 2, 9);

    private static readonly Gen<string> Names = Gen.OneOf(
        Gen.String, Any.Of("{}", "a{b}c", "}{", "{other}", "%7B", "user@example.org/INBOX", "x:{p}", "{{p}}", ""));

    [Fact]
    public void The_unnamed_partition_has_the_former_systems_names()
    {
        var keys = new StreamKeys("");
        Assert.Equal("email_ingestion_stream", keys.Stream);
        Assert.Equal("email_ingestion_dlq", keys.DeadLetters);
        Assert.Equal("idempotency:processed_ids:20240209", keys.ProcessedIds(Day));
        Assert.Equal("email_processor_group", StreamKeys.Group);
    }

    [Fact]
    public void A_named_partitions_keys_end_in_its_name()
    {
        var keys = new StreamKeys("sales");
        Assert.Equal("email_ingestion_stream:{sales}", keys.Stream);
        Assert.Equal("email_ingestion_dlq:{sales}", keys.DeadLetters);
        Assert.Equal("idempotency:processed_ids:20240209:{sales}", keys.ProcessedIds(Day));
        Assert.All(All(keys, "a/b"), key => Assert.EndsWith(":{sales}", key, StringComparison.Ordinal));
    }

    [Fact]
    public void The_slot_is_computed_as_Redis_does() => Assert.Equal(0x31c3, HashSlot.Crc16("123456789"u8));

    [Fact]
    public void All_keys_of_a_partition_are_in_one_slot() => Names.Sample(name =>
        Assert.All(All(new StreamKeys("p"), name), key => Assert.Equal(HashSlot.Of("p"), HashSlot.Of(key))));

    [Fact]
    public void Two_mailboxes_never_share_a_key() => Gen.Select(Names, Names).Where((one, other) => one != other).Sample((one, other) =>
    {
        var keys = new StreamKeys("p");
        Assert.NotEqual(keys.Cursor(one), keys.Cursor(other));
        Assert.NotEqual(keys.MailboxLock(one), keys.MailboxLock(other));
        Assert.NotEqual(keys.Consumer(one), keys.Consumer(other));
        Assert.NotEqual(keys.Digests(one, Day), keys.Digests(other, Day));
    });

    [Fact]
    public void No_two_keys_of_a_partition_are_the_same() => Names.Sample(name => Assert.Distinct(All(new StreamKeys("p"), name)));

    [Fact]
    public void Two_partitions_share_no_key() =>
        Assert.Empty(
            All(new StreamKeys("a"), "m").Intersect(All(new StreamKeys("b"), "m"))
            .Concat(All(new StreamKeys(""), "m").Intersect(All(new StreamKeys("a"), "m"))));

    [Theory]
    [InlineData("a", true)]
    [InlineData("Sales-2_eu.1", true)]
    [InlineData("", false)]
    [InlineData("a b", false)]
    [InlineData("a{b", false)]
    [InlineData("a}", false)]
    [InlineData("a:b", false)]
    [InlineData("a\n", false)]
    [InlineData("ü", false)]
    public void A_partitions_name_breaks_no_key(string name, bool allowed) => Assert.Equal(allowed, StreamKeys.IsPartitionName(name));

    [Fact]
    public void A_partitions_name_is_bounded()
    {
        Assert.True(StreamKeys.IsPartitionName(new string('a', 64)));
        Assert.False(StreamKeys.IsPartitionName(new string('a', 65)));
    }

    private static List<string> All(StreamKeys keys, string name) =>
    [
        .. new RedisKey[]
        {
            keys.Stream, keys.DeadLetters, keys.Audit, keys.Postponed, keys.NewestLarge, keys.Vanished, keys.Mailboxes,
            keys.ProcessedIds(Day), keys.Cursor(name),
            keys.Digests(name, Day), keys.DigestLog(name, Day), keys.MailboxLock(name), keys.Consumer(name), keys.DeadLetterBody("1-0"),
        }.Select(key => (string)key!),
    ];
}
