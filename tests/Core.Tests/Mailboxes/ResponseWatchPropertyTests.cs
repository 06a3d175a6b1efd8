using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Mailboxes.Imap;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>Sends pieces of real responses in any order, and random bytes.</summary>
public class ResponseWatchPropertyTests
{
    private static readonly ResponseLimits Limits = new(2_000, 1_000, 500, 900);

    private static readonly Gen<string> Piece = Gen.Frequency(
        (8, Any.Of(
            "* ", "A1 ", "+ ", "OK ", "NO ", "BYE", "PREAUTH ", "1 FETCH (", "UID 7 ", "BODY[] ", "BODY[HEADER]<0> ", "{3}\r\n",
            "{400}\r\n", "{0+}\r\n",
            "{2147483648}\r\n", "abc", "\"", "\\", "(", ")", "((((((((((((((((((((", "[", "]", "\r\n", "\n", "SEARCH ", "9 1 ", "~{2}\r\n",
            "{", "}", "\0", "*")),
        (1, Gen.Char['\0', '\u00ff'].Array[1, 20].Select(characters => new string(characters))),
        (1, Gen.Int[1, 600].Select(length => new string('x', length))));

    private static readonly Gen<string> Text = Piece.Array[0, 60].Select(string.Concat);

    [Fact]
    public void The_verdict_does_not_depend_on_how_the_bytes_are_cut() =>
        Gen.Select(Text, Gen.Int[0, 1_000_000].Array[0, 12]).Sample(
            (text, places) =>
            {
                var cuts = places.Select(place => place % (text.Length + 1)).Order();
                Assert.Equal(ResponseWatchTests.Verdict(text, Limits), ResponseWatchTests.Verdict(text, Limits, cuts));
            },
            iter: 5_000);

    [Fact]
    public void It_never_throws_anything_but_its_own_exception() =>
        Text.Sample(text => ResponseWatchTests.Verdict(text, Limits), iter: 5_000);
}
