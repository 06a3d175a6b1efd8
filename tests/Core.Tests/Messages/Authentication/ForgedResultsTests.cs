using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using Xunit;
using static EmailIngestion.Core.Tests.Messages.Authentication.AuthenticationMail;

namespace EmailIngestion.Core.Tests.Messages.Authentication;

/// <summary>A sender writes Authentication-Results itself. None of them is believed.</summary>
public sealed class ForgedResultsTests
{
    private const string Internal = "Received: from mx (mx [10.0.0.7]) by store with ESMTP; Thu, 1 Jan 2026 10:20:31 +0000\n";

    private static readonly string Forged = Field(
        "spf=pass smtp.mailfrom=a@bank.test; dkim=pass header.d=bank.test; dmarc=pass header.from=bank.test");
    private static readonly string Genuine = Field("spf=fail smtp.mailfrom=a@sender.test");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" , ")]
    [InlineData("other.example.org")]
    [InlineData("example.org")]
    [InlineData("microsoft365")]
    public void Nothing_is_believed_unless_the_server_is_set(string? server) => Assert.Null(Read(Genuine + Edge, server));

    [Fact]
    public void A_forged_field_below_the_servers_own_received_field_is_not_believed() => OnlyGenuine(Read(Genuine + Edge + Forged));

    [Fact]
    public void A_forged_field_at_once_below_the_genuine_one_is_not_believed() => OnlyGenuine(Read(Edge + Genuine + Forged));

    [Fact]
    public void A_forged_field_before_a_forged_received_field_is_not_believed() =>
        OnlyGenuine(Read(Edge + Genuine + Forged + Internal + Forged));

    [Fact]
    public void A_forged_field_is_not_believed_behind_internal_hops() => OnlyGenuine(Read(Internal + Genuine + Edge + Forged));

    [Fact]
    public void A_forged_field_below_a_field_of_the_sender_is_not_believed() =>
        Assert.Null(Read(Edge, sent: "Subject: x\n" + Forged + Sent));

    [Theory]
    [InlineData("spf=pass smtp.mailfrom=a@bank.test")]
    [InlineData("mx.example.org.evil.test; spf=pass smtp.mailfrom=a@bank.test")]
    [InlineData("evil.test; mx.example.org; spf=pass smtp.mailfrom=a@bank.test")]
    [InlineData("(mx.example.org;) evil.test; spf=pass smtp.mailfrom=a@bank.test")]
    [InlineData("i=1; mx.example.org; spf=pass smtp.mailfrom=a@bank.test")]
    [InlineData("=?utf-8?q?mx.example.org?=; spf=pass smtp.mailfrom=a@bank.test")]
    public void A_field_of_another_or_no_server_is_not_believed(string value) =>
        Assert.Null(Read($"Authentication-Results: {value}\n" + Edge));

    [Fact]
    public void A_forged_field_without_a_server_is_not_believed_for_microsoft_365()
    {
        const string Results = "Authentication-Results: spf=fail smtp.mailfrom=sender.test; dmarc=fail header.from=sender.test\n";
        var read = Read(Edge + Results + "Authentication-Results: dkim=pass header.d=bank.test\n" + Edge + Forged, "microsoft365");
        Assert.Equal(("fail", "fail"), (read!.Spf!.Result, read.Dmarc!.Result));
        Assert.Empty(read.Dkim);
    }

    [Fact]
    public void The_results_of_ARC_are_not_believed() => Assert.Null(Read("ARC-" + Forged + "X-" + Forged + Edge));

    [Fact]
    public void An_address_in_an_encoded_word_does_not_become_a_result()
    {
        var read = Read(Field("spf=pass smtp.mailfrom==?utf-8?q?a=3B_dmarc=3Dpass_header.from=3Dbank.test=3B?=@sender.test") + Edge);
        Assert.Equal("pass", read!.Spf!.Result);
        Assert.Null(read.Dmarc);
    }

    [Fact]
    public void Results_that_contradict_each_other_say_nothing()
    {
        var read = Read(
            Field("spf=pass (for a); dmarc=pass header.from=bank.test (x) smtp.mailfrom=a; dmarc=fail header.from=sender.test") + Edge);
        Assert.Equal("pass", read!.Spf!.Result);
        Assert.Null(read.Dmarc);
    }

    [Fact]
    public void A_field_too_long_to_read_hides_those_below_it() =>
        Assert.Null(Read(Field($"spf=fail ({new string('x', 20_000)})") + Genuine + Edge));

    [Theory]
    [InlineData("(", "")]
    [InlineData("(((((((", ")))))))")]
    [InlineData("(x) ", "")]
    [InlineData("\\", "")]
    [InlineData("\"", "")]
    [InlineData("a=b;", "")]
    [InlineData("a=b ", "")]
    [InlineData("spf=fail (x) smtp.mailfrom=a@b.test;", "")]
    public void A_hostile_field_of_a_megabyte_takes_time_in_proportion(string open, string close)
    {
        var piece = string.Concat(Enumerable.Repeat(open, 15_000 / open.Length));
        var end = string.Concat(Enumerable.Repeat(close, piece.Length / Math.Max(1, open.Length)));
        LinearTime.Check(
            60,
            fields => string.Concat(Enumerable.Repeat($"Authentication-Results: {Server}; {piece}\n", fields)) + Edge,
            raw => _ = Read(raw));
        LinearTime.Check(
            30, pieces => $"Authentication-Results: {string.Concat(Enumerable.Repeat(piece + end, pieces))}\n{Edge}", raw => _ = Read(raw));
    }

    [Fact]
    public void Any_fields_give_a_result_twice_the_same() =>
        Gen.OneOf(
            Any.Of("Authentication-Results: ", Server, ";", "\r\n ", "\r\n", "(", ")", "\"", "\\", "=", " ", "spf=pass", "dkim=fail",
                "dmarc", "smtp.mailfrom=a@b", "header.d=", "Received: from x ([10.0.0.1])", "é", "/1"),
            Gen.String[0, 3]).Array[0, 40].Sample(
                pieces => Assert.Equal(Json(string.Concat(pieces)), Json(string.Concat(pieces))), iter: 2_000);

    private static string? Json(string fields) =>
        System.Text.Json.JsonSerializer.Serialize(Read($"Authentication-Results: {Server}; {fields}\n"));

    private static void OnlyGenuine(ParsedAuthentication? read)
    {
        Assert.NotNull(read);
        Assert.Equal(("fail", "sender.test"), (read.Spf!.Result, read.Spf.Domain));
        Assert.Null(read.Dmarc);
        Assert.Empty(read.Dkim);
    }
}
