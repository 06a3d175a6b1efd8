using System.Text;
using System.Text.Json;
using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Mailboxes.SignIn;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes.SignIn;

/// <summary>Tests how the texts of token endpoints and mail servers are read.</summary>
public sealed class TokenTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("3600", 3600)]
    [InlineData("\"3599\"", 3599)]
    [InlineData("0", 0)]
    [InlineData("-5", 1800)]
    [InlineData("\"soon\"", 1800)]
    [InlineData("null", 1800)]
    [InlineData("1e300", 604800)]
    [InlineData("1.5", 1.5)]
    public void The_life_of_a_token_is_read_and_limited(string written, double seconds) =>
        Assert.Equal(
            Now.AddSeconds(seconds), Read($$"""{"access_token":"abc","token_type":"bearer","expires_in":{{written}}}""")!.Token.ExpiresAt);

    [Fact]
    public void Whatever_an_endpoint_answers_a_token_has_visible_characters_only() =>
        Gen.Select(Any.Of("access_token", "token_type", "refresh_token", "expires_in", "x"), Gen.String[0, 8]).Array[0, 6]
            .Select(fields => fields.Select(one => $"\"{one.Item1}\":{JsonSerializer.Serialize(one.Item2)}"))
            .Select(fields => $"{{{string.Join(',', fields)}}}")
            .Sample(json =>
            {
                if (Read(json) is not { } answer)
                    return;
                Assert.All([answer.Token.Value, answer.RefreshToken ?? "x"], token =>
                    Assert.All(token, character => Assert.InRange(character, '!', '~')));
            }, iter: 2_000);

    [Fact]
    public void An_answer_with_the_mark_of_UTF_8_is_read() =>
        Assert.Equal("abc", Read("\ufeff{\"access_token\":\"abc\"}")!.Token.Value);

    [Fact]
    public void Any_bytes_are_read_without_an_exception() =>
        Gen.Byte.Array[0, 60].Sample(bytes => TokenAnswer.Read(bytes, Now), iter: 2_000);

    [Fact]
    public void A_token_is_not_in_the_text_of_its_objects()
    {
        var answer = Read("""{"access_token":"secret-one","refresh_token":"secret-two"}""")!;
        Assert.DoesNotContain("secret", $"{answer} {answer.Token}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}""", " (status 400)")]
    [InlineData("""{"status":"invalid_token","scope":"mail"}""", " (status invalid_token)")]
    [InlineData("""{"status":401}""", " (status 401)")]
    [InlineData("""{"status":"a\u001b[2Jb"}""", " (status a b)")]
    [InlineData("{}", "")]
    [InlineData("no JSON", "")]
    public void The_status_of_a_refused_token_is_shown(string json, string says) =>
        Assert.Equal(says, TokenStatus.Of(Convert.ToBase64String(Encoding.UTF8.GetBytes(json))));

    [Theory]
    [InlineData("")]
    [InlineData("not base64!")]
    public void A_continuation_that_is_no_status_is_ignored(string challenge) => Assert.Equal("", TokenStatus.Of(challenge));

    [Fact]
    public void Every_known_code_of_Entra_ID_says_what_to_do()
    {
        Assert.True(EntraErrors.Codes.Count() > 40);
        Assert.All(EntraErrors.Codes, code =>
        {
            var line = OAuthErrors.Describe("login.example", "invalid_grant", $"AADSTS{code}: Something happened. Trace ID: 1-2-3");
            Assert.StartsWith(
                $"The token endpoint login.example refuses to issue an access token (invalid_grant, AADSTS{code}): Something happened. ",
                line,
                StringComparison.Ordinal);
            Assert.EndsWith(EntraErrors.Advice(code)!, line, StringComparison.Ordinal);
            Assert.EndsWith(".", line, StringComparison.Ordinal);
            Assert.DoesNotContain("password is wrong", code == "50126" ? "" : line, StringComparison.Ordinal);
        });
    }

    private static TokenAnswer? Read(string json) => TokenAnswer.Read(Encoding.UTF8.GetBytes(json), Now);
}
