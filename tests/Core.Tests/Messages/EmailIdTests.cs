using CsCheck;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages;

public sealed class EmailIdTests
{
    // Computed with another program from the definition. If one of these changes, every email in every mailbox becomes a new one.
    [Theory]
    [InlineData("user@example.org", "INBOX", 1u, 42u, 0, "ca856f753dc35f97e9f0bd09c4d64630")]
    [InlineData("user@example.org", "INBOX", 1u, 42u, 1, "f42e7d7b6bd0473735f88a3432fa3d9e")]
    [InlineData("jürgen@example.org", "Gesendet/Größe", uint.MaxValue, uint.MaxValue, 0, "4489ad46104507119212a1d78c9326f4")]
    public void An_id_never_changes(string account, string folder, uint uidValidity, uint uid, int epoch, string expected) =>
        Assert.Equal(expected, EmailId.Of(account, folder, uidValidity, uid, epoch).ToString());

    [Fact]
    public void Account_and_folder_do_not_mix() =>
        Assert.NotEqual(EmailId.Of("ab", "c", 1, 1), EmailId.Of("a", "bc", 1, 1));

    [Fact]
    public void Every_part_counts()
    {
        EmailId[] ids =
        [
            EmailId.Of("a", "f", 1, 2), EmailId.Of("b", "f", 1, 2), EmailId.Of("a", "g", 1, 2), EmailId.Of("a", "f", 2, 2),
            EmailId.Of("a", "f", 1, 3), EmailId.Of("a", "f", 2, 1), EmailId.Of("a", "f", 1, 2, 1), EmailId.Of("a", "f", 1, 2, 2),
        ];
        Assert.Distinct(ids);
    }

    [Fact]
    public void Bytes_and_digits_give_the_same_id() =>
        Gen.Select(Gen.String, Gen.String, Gen.UInt, Gen.UInt).Sample((account, folder, uidValidity, uid) =>
        {
            var id = EmailId.Of(account, folder, uidValidity, uid);
            Assert.Equal(id, EmailId.Of(account, folder, uidValidity, uid));
            Assert.True(EmailId.TryRead(id.ToByteArray(), out var read));
            Assert.Equal(id, read);
            Assert.Equal(Convert.ToHexStringLower(id.ToByteArray()), id.ToString());
        });

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(17)]
    public void Other_lengths_are_refused_as_an_id(int length) => Assert.False(EmailId.TryRead(new byte[length], out _));
}
