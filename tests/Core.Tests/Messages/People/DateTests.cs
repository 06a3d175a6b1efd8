using System.Globalization;
using CsCheck;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.People;

public sealed class DateTests
{
    private static readonly string[] Pieces =
    [
        "Mon,", " ", "02", "2", "Feb", "2026", "99", "10:00", "10:00:00", "+0200", "-9999", "GMT", "Z", "T", "2026-02-02", "31", "60",
        "(x", ")", "12/25/2026", "PM", ".", "0000", "é",
    ];

    [Theory]
    [InlineData("Mon, 02 Feb 2026 10:00:00 +0100", "2026-02-02T10:00:00+01:00")]
    [InlineData("2 Feb 2026 10:00 +0100", "2026-02-02T10:00:00+01:00")]
    [InlineData("Mon,  2 Feb 2026 10:00:00 -0330 (NST)", "2026-02-02T10:00:00-03:30")]
    [InlineData("Mon, 02 Feb 2026 10:00:00 GMT", "2026-02-02T10:00:00+00:00")]
    [InlineData("Mon, 02 Feb 2026 10:00:00 EST", "2026-02-02T10:00:00-05:00")]
    [InlineData("Mon, 02 Feb 2026 10:00:00 PDT", "2026-02-02T10:00:00-07:00")]
    [InlineData("Mon, 02 Feb 2026 10:00:00 CEST", "2026-02-02T10:00:00+02:00")]
    [InlineData("Mon, 02 Feb 2026 10:00:00 B", "2026-02-02T10:00:00+00:00")]
    [InlineData("Mon, 02 Feb 2026 10:00:00", "2026-02-02T10:00:00+00:00")]
    [InlineData("Mon, 02 Feb 2026 10:00:00 -0000", "2026-02-02T10:00:00+00:00")]
    [InlineData("Mon, 02 Feb 2026 10:00:00 GMT+0200", "2026-02-02T10:00:00+02:00")]
    [InlineData("Mon, 02 Feb 2026 10:00:00 +0200 CEST", "2026-02-02T10:00:00+02:00")]
    [InlineData("Mon, 02 Feb 2026 10:00:00 +02:00", "2026-02-02T10:00:00+02:00")]
    [InlineData("2 Feb 26 10:00:00 +0000", "2026-02-02T10:00:00+00:00")]
    [InlineData("2 Feb 96 10:00:00 +0000", "1996-02-02T10:00:00+00:00")]
    [InlineData("2 Feb 126 10:00:00 +0000", "2026-02-02T10:00:00+00:00")]
    [InlineData("02 Feb Mon 2026 10:00:00 +0000", "2026-02-02T10:00:00+00:00")]
    [InlineData("Mon Feb  2 10:00:00 2026", "2026-02-02T10:00:00+00:00")]
    [InlineData("Mon Feb  2 10:00:00 CET 2026", "2026-02-02T10:00:00+01:00")]
    [InlineData("Mon, 2 (day) Feb (month (really)) 2026 10:00:00 +0000", "2026-02-02T10:00:00+00:00")]
    [InlineData("Monday, 2-Feb-2026 10:00:00 +0000", "2026-02-02T10:00:00+00:00")]
    [InlineData("2-Feb-26 10:00:00 +0000", "2026-02-02T10:00:00+00:00")]
    [InlineData("February 2, 2026 10:00:00 PM +0000", "2026-02-02T22:00:00+00:00")]
    [InlineData("Feb 2, 2026 12:30AM", "2026-02-02T00:30:00+00:00")]
    [InlineData("Mo, 02 Mär 2026 10:00:00 +0100", "2026-03-02T10:00:00+01:00")]
    [InlineData("2026-02-02 10:00:00Z", "2026-02-02T10:00:00+00:00")]
    [InlineData("2026-02-02T10:00:00Z", "2026-02-02T10:00:00+00:00")]
    [InlineData("2026-02-02T10:00:00.123+02:00", "2026-02-02T10:00:00+02:00")]
    [InlineData("2026/02/02 10:00", "2026-02-02T10:00:00+00:00")]
    [InlineData("25/12/2026 10:00:00 +0000", "2026-12-25T10:00:00+00:00")]
    [InlineData("12/25/2026 10:00:00 +0000", "2026-12-25T10:00:00+00:00")]
    [InlineData("02.03.2026 10:00:00 +0100", "2026-03-02T10:00:00+01:00")]
    [InlineData("Mon, 02 Feb 2026 10.00.00 +0200", "2026-02-02T10:00:00+02:00")]
    [InlineData("Tue, 17 Jul 2012 22:23:35.882 0000", "2012-07-17T22:23:35+00:00")]
    [InlineData("Tue, 17 Jul 2012 22:23:35.882 +0000", "2012-07-17T22:23:35+00:00")]
    [InlineData("01 Jan 2001 00:01+0000", "2001-01-01T00:01:00+00:00")]
    [InlineData("Sat, 31 Dec 2016 23:59:60 +0000", "2016-12-31T23:59:59+00:00")]
    [InlineData("=?utf-8?Q?Mon,_2_Feb_2026_10:00:00_+0000?=", "2026-02-02T10:00:00+00:00")]
    public void A_date_is_read_as_written(string written, string sent) => Assert.Equal(Utc(sent), Utc(Sent(written)));

    [Theory]
    [InlineData("")]
    [InlineData("yesterday")]
    [InlineData("Wed, 15 Dec 2010    59:10 -0500")]
    [InlineData("Mon, 02 Feb 2026")]
    [InlineData("2026-02-02")]
    [InlineData("10:00:00 +0100")]
    [InlineData("Mon, 02 Feb 10:00:00 +0100")]
    [InlineData("Mon, 30 Feb 2026 10:00:00 +0100")]
    [InlineData("Mon, 02 Feb 2026 24:00:00 +0100")]
    [InlineData("Mon, 02 Feb 2026 10:61:00 +0100")]
    [InlineData("Mon, 02 Feb 2026 10:00:00 +9900")]
    [InlineData("Mon, 02 Feb 2026 10:00:00 +0161")]
    [InlineData("02/03/2026 10:00:00 +0000")]
    [InlineData("2 Feb 0000 10:00:00 +0000")]
    [InlineData("31 Dec 9999 23:59:59 -1400")]
    [InlineData("2026-13-45T99:99:99Z")]
    public void What_cannot_be_read_is_none(string written)
    {
        var parsed = Mail.Of($"Date: {written}\r\n\r\n").Parsed;
        Assert.Null(parsed.Sent);
        Assert.Equal(written, parsed.Headers[0].Value);
    }

    [Fact]
    public void Any_words_give_a_date_or_none() => Gen.Int[0, Pieces.Length - 1].Array[0, 12].Sample(
        pieces => Sent(string.Join(' ', pieces.Select(i => Pieces[i]))) is null or { Year: >= 1899 and < 9999 }, iter: 5_000);

    private static DateTimeOffset? Sent(string written) => Mail.Of($"Date: {written}\r\n\r\n").Parsed.Sent;

    // The offset counts too.
    private static string? Utc(DateTimeOffset? date) => date?.ToString("O", CultureInfo.InvariantCulture);

    private static string? Utc(string date) => Utc(DateTimeOffset.Parse(date, CultureInfo.InvariantCulture));
}
