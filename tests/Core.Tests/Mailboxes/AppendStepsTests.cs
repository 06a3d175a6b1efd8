using EmailIngestion.Bodies;
using EmailIngestion.Mailboxes;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>Tests how the emails of a batch are divided into steps of the append.</summary>
public sealed class AppendStepsTests
{
    private const int Shared = 128 * 1024;

    [Theory]
    // Messages that fit into one step.
    [InlineData("1000 2000 3000", "1000 2000 3000")]
    [InlineData("400000 400000 90000 300000", "400000 400000 90000|300000")]
    [InlineData("449000 448000 1", "449000 448000|1")]
    // Large ones.
    [InlineData("1000 1000000 1000 1000", "1000|1000000|1000 1000")]
    [InlineData("1 999999 1", "1|999999|1")]
    [InlineData("5000000 5000000", "5000000|5000000")]
    public void A_step_has_at_most_900_000_bytes(string sizes, string steps) => Assert.Equal(steps, Divide(sizes, int.MaxValue));

    [Theory]
    [InlineData("1000 131072 1000", "1000 131072 1000")]
    [InlineData("1000 131073 1000 1000", "1000|131073|1000 1000")]
    [InlineData("131073 131073", "131073|131073")]
    public void A_message_that_may_not_be_shared_has_a_step_of_its_own(string sizes, string steps) =>
        Assert.Equal(steps, Divide(sizes, Shared));

    [Fact]
    public void A_step_has_at_most_125_emails() =>
        Assert.Equal([125, 125, 50], AppendSteps.Of([.. Enumerable.Repeat(Item(10), 300)], Shared).Select(step => step.Count));

    // Redis counts the other fields too.
    [Fact]
    public void A_step_has_room_for_the_fields_of_its_emails()
    {
        var plain = Item(5_000);
        var tagged = plain with { Message = plain.Message with { Flags = [.. Enumerable.Repeat(new string('f', 200), 20)] } };
        Assert.Equal([125, 5], AppendSteps.Of([.. Enumerable.Repeat(plain, 130)], Shared).Select(step => step.Count));
        Assert.All(AppendSteps.Of([.. Enumerable.Repeat(tagged, 130)], Shared), step => Assert.InRange(step.Count * 10_000, 0, 900_000));
        Assert.All(
            AppendSteps.Of([.. Enumerable.Repeat(Item(8_000), 130)], Shared), step => Assert.InRange(step.Count * 9_000, 0, 900_000));
    }

    [Fact]
    public void A_failed_email_shares_a_step_whatever_its_size()
    {
        var failed = Item(Shared + 1) with { Failure = FailureRecord.Of(DeadLetterReasons.Oversize, "too large") };
        Assert.Equal([3], AppendSteps.Of([Item(10), failed, Item(10)], Shared).Select(step => step.Count));
    }

    [Fact]
    public void A_body_that_is_in_the_store_has_a_step_of_its_own()
    {
        var written = Item(10) with { Body = new BodyReference(BodyStoreKind.Redis, "name", 10, "") };
        Assert.Equal([1, 1, 1], AppendSteps.Of([Item(10), written, Item(10)], int.MaxValue).Select(step => step.Count));
    }

    private static string Divide(string sizes, int largestShared) => string.Join(
        '|',
        AppendSteps.Of([.. sizes.Split(' ').Select(size => Item(int.Parse(size)))], largestShared)
            .Select(step => string.Join(' ', step.Select(item => item.Message.Raw.Length))));

    private static AppendItem Item(int size) => new(
        new EmailMessage
        {
            Id = new EmailId(1),
            Mailbox = "a/INBOX",
            UidValidity = 1,
            Uid = 1,
            MessageId = "",
            From = "",
            Subject = "",
            Date = DateTimeOffset.UnixEpoch,
            Size = size,
            Raw = new byte[size],
        },
        []);
}
