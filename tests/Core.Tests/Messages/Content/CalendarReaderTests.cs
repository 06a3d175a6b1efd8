using System.Text;
using CsCheck;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages.Content;

public sealed class CalendarReaderTests
{
    private const string Berlin =
        "BEGIN:VTIMEZONE\nTZID:W. Europe Standard Time\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n"
        + "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\n"
        + "TZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\n";

    [Fact]
    public void An_invitation_is_read_whole()
    {
        var calendar = Read(
            Berlin + "BEGIN:VEVENT\nUID:1@example.org\nSEQUENCE:2\nSUMMARY:Offer\\, part 2\nLOCATION:Room 1\\nBerlin\n"
            + "DTSTART;TZID=W. Europe Standard Time:20260202T100000\nDTEND;TZID=\"W. Europe Standard Time\":20260202T113000\n"
            + "ORGANIZER;CN=\"Ann: Example\":MAILTO:ann@example.org\n"
            + "ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;CN=bob@example.org:mailto:\n bob@example.org\n"
            + "ATTENDEE;PARTSTAT=ACCEPTED;CN=Eve ^'E^' Example:mailto:eve@example.org\n"
            + "BEGIN:VALARM\nSUMMARY:alarm\nDESCRIPTION:x\nTRIGGER:-PT15M\nEND:VALARM\nEND:VEVENT\n"
            + "BEGIN:VEVENT\nUID:2@example.org\nEND:VEVENT\n");
        Assert.Equal(
            ("REQUEST", "1@example.org", 2, "Offer, part 2", "Room 1\nBerlin"),
            (calendar.Method, calendar.Uid, calendar.Sequence, calendar.Summary, calendar.Location));
        Assert.Equal(("2026-02-02T10:00:00+01:00", "2026-02-02T11:30:00+01:00"), (calendar.Start, calendar.End));
        Assert.Equal(new ParsedAddress("Ann: Example", "ann@example.org"), calendar.Organizer);
        Assert.Equal(
            [new(null, "bob@example.org", "needs-action"), new("Eve \"E\" Example", "eve@example.org", "accepted")],
            calendar.Attendees);
    }

    [Theory]
    [InlineData("DTSTART:20260202T090000Z", "2026-02-02T09:00:00Z")]
    [InlineData("DTSTART:20260202T100000", "2026-02-02T10:00:00")]
    [InlineData("DTSTART;VALUE=DATE:20260202", "2026-02-02")]
    [InlineData("DTSTART;VALUE=DATE-TIME;TZID=Europe/Berlin:20260702T100000", "2026-07-02T10:00:00+02:00")]
    [InlineData("DTSTART;TZID=Eastern Standard Time:20260702T100000", "2026-07-02T10:00:00-04:00")]
    [InlineData("DTSTART;TZID=/mozilla.org/20070129_1/Europe/Berlin:20260202T100000", "2026-02-02T10:00:00+01:00")]
    [InlineData("DTSTART;TZID=UTC:20260202T100000", "2026-02-02T10:00:00Z")]
    [InlineData("DTSTART;TZID=Klingon Standard Time:20260202T100000", "2026-02-02T10:00:00")]
    [InlineData("DTSTART;TZID=../../etc/passwd:20260202T100000", "2026-02-02T10:00:00")]
    [InlineData("DTSTART:20260230T100000", null)]
    [InlineData("DTSTART:tomorrow", null)]
    [InlineData("X:y", null)]
    public void The_start_has_its_offset_where_it_is_known(string line, string? start) => Assert.Equal(start, Event(line).Start);

    [Theory]
    [InlineData("20260329T015959", "+01:00")]
    [InlineData("20260329T030000", "+02:00")]
    [InlineData("20261025T025959", "+02:00")]
    [InlineData("20261025T030000", "+01:00")]
    [InlineData("20260101T000000", "+01:00")]
    [InlineData("20261231T235959", "+01:00")]
    public void The_file_describes_its_time_zone(string time, string offset) =>
        Assert.EndsWith(
            offset,
            Read($"{Berlin}BEGIN:VEVENT\nDTSTART;TZID=W. Europe Standard Time:{time}\nEND:VEVENT\n").Start,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("DTSTART:20200101T000000\nTZOFFSETTO:+0530", "20260202T100000", "+05:30")]
    [InlineData("DTSTART:20300101T000000\nTZOFFSETFROM:-0330\nTZOFFSETTO:+0530", "20260202T100000", "-03:30")]
    [InlineData("DTSTART:20000402T020000\nTZOFFSETTO:-0400\nRRULE:FREQ=YEARLY;BYMONTHDAY=1,2,3,4,5,6,7;BYDAY=SU;BYMONTH=4",
        "20260406T100000", "-04:00")]
    [InlineData("DTSTART:20000402T020000\nTZOFFSETTO:-0400\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4;UNTIL=20060402T070000Z",
        "20260406T100000", "-04:00")]
    public void A_zone_of_its_own_is_read(string observance, string time, string offset) =>
        Assert.EndsWith(
            offset,
            Read(
                $"BEGIN:VEVENT\nDTSTART;TZID=Ours:{time}\nEND:VEVENT\nBEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\n{observance}\n"
                + "END:STANDARD\nEND:VTIMEZONE\n").Start,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("DTSTART:20260202T090000Z\nDURATION:PT1H30M", "2026-02-02T10:30:00Z")]
    [InlineData("DTSTART;VALUE=DATE:20260202\nDURATION:P1D", "2026-02-03")]
    [InlineData("DTSTART:20260202T090000Z\nDURATION:P1W", "2026-02-09T09:00:00Z")]
    [InlineData("DTSTART;TZID=Europe/Berlin:20260328T100000\nDURATION:P1D", "2026-03-29T10:00:00+02:00")]
    [InlineData("DTSTART:20260202T090000Z\nDURATION:1 hour", null)]
    [InlineData("DTSTART:99991231T235959Z\nDURATION:P999999W", null)]
    [InlineData("DTSTART:20260202T090000Z", null)]
    [InlineData("DURATION:PT1H", null)]
    public void The_end_may_come_from_a_duration(string lines, string? end) => Assert.Equal(end, Event(lines).End);

    [Theory]
    [InlineData("; method=reply", "METHOD:REQUEST\n", "REPLY")]
    [InlineData("", "METHOD:Cancel\n", "CANCEL")]
    [InlineData("", "", null)]
    public void The_method_of_the_part_comes_first(string parameter, string line, string? method) =>
        Assert.Equal(method, Mail.Of(
            $"Content-Type: text/calendar{parameter}\n\nBEGIN:VCALENDAR\n{line}BEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n")
            .Parsed.Calendar!.Method);

    [Theory]
    [InlineData("ORGANIZER:urn:uuid:1", null, "urn:uuid:1")]
    [InlineData("ORGANIZER;EMAIL=ann@example.org:urn:uuid:1", "ann@example.org", null)]
    [InlineData("ORGANIZER:ann@example.org", "ann@example.org", null)]
    public void An_organizer_may_have_another_address(string line, string? address, string? raw) =>
        Assert.Equal(new ParsedAddress(null, address, Raw: raw), Event(line).Organizer);

    [Theory]
    [InlineData("text/calendar; charset=utf-8", "utf-8")]
    [InlineData("text/calendar", "utf-8")]
    [InlineData("text/calendar; charset=iso-8859-1", "iso-8859-1")]
    [InlineData("application/ics; charset=us-ascii", "iso-8859-1")]
    public void The_text_is_read_in_its_charset(string type, string charset)
    {
        byte[] raw =
        [
            .. Encoding.ASCII.GetBytes($"Content-Type: {type}\n\n"),
            .. Encoding.GetEncoding(charset).GetBytes("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Köln\nEND:VEVENT\nEND:VCALENDAR\n"),
        ];
        Assert.Equal("Köln", Mail.Of(raw).Parsed.Calendar!.Summary);
    }

    [Theory]
    [InlineData("BEGIN:VCALENDAR\nEND:VCALENDAR\n")]
    [InlineData("BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:1\nEND:VTODO\nEND:VCALENDAR\n")]
    [InlineData("no calendar\n")]
    public void A_file_without_an_event_is_none(string text) =>
        Assert.Null(Mail.Of($"Content-Type: text/calendar\n\n{text}").Parsed.Calendar);

    [Fact]
    public void The_second_part_is_read_where_the_first_has_no_event() =>
        Assert.Equal("1", Mail.Of(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nEND:VCALENDAR\n"
            + "--b\nContent-Type: application/ics\nContent-Transfer-Encoding: base64\n\n"
            + Convert.ToBase64String("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR\n"u8)
            + "\n--b--\n").Parsed.Calendar!.Uid);

    [Fact]
    public void A_text_has_lines_but_no_control_characters()
    {
        var read = Event("SUMMARY:a\u0001b\u007fc\nLOCATION:Room 1\\n2nd floor\\\u0007");
        Assert.Equal(("a b c", "Room 1\n2nd floor"), (read.Summary, read.Location));
    }

    [Fact]
    public void Attendees_are_bounded()
    {
        var lines = string.Concat(Enumerable.Range(0, 1_000).Select(i => $"ATTENDEE:mailto:a{i}@example.org\n"));
        var parsed = Mail.Of(Raw($"BEGIN:VEVENT\n{lines}END:VEVENT\n")).Parsed;
        Assert.Equal(500, parsed.Calendar!.Attendees.Count);
        Assert.Equal(["calendar"], parsed.Truncated);
    }

    [Theory]
    [InlineData("BEGIN:VEVENT\n")]
    [InlineData("BEGIN:VTIMEZONE\nBEGIN:STANDARD\n")]
    [InlineData("BEGIN:VEVENT\nUID:1\nRRULE:FREQ=SECONDLY\nEND:VEVENT\n")]
    [InlineData("RRULE:FREQ=SECONDLY;COUNT=999999999\n")]
    [InlineData("END:VEVENT\n")]
    [InlineData(" x\n")]
    [InlineData(";")]
    [InlineData("A;B=\"")]
    [InlineData("\n ")]
    [InlineData("BEGIN:VTIMEZONE\nTZID:x\nBEGIN:STANDARD\nDTSTART:00010101T000000\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;BYDAY=-1SU\n"
        + "END:STANDARD\nEND:VTIMEZONE\n")]
    public void A_hostile_calendar_takes_time_in_proportion(string piece)
    {
        LinearTime.Check(
            1_000_000,
            size => Raw("BEGIN:VEVENT\nDTSTART;TZID=x:20260202T100000\nUID:1\n"
                + string.Concat(Enumerable.Repeat(piece, size / piece.Length))),
            raw => Assert.NotNull(Mail.Of(raw).Parsed.Calendar));
    }

    [Fact]
    public void Any_calendar_is_read() =>
        Gen.Select(Gen.Int[0, Pieces.Length - 1], index => Pieces[index]).Array[0, 30].Sample(pieces =>
        {
            var raw = Raw("BEGIN:VEVENT\nUID:1\n" + string.Concat(pieces));
            return Mail.Of(raw).Parsed.Calendar?.Uid == "1";
        });

    private static readonly string[] Pieces =
    [
        "DTSTART:", "DTSTART;TZID=x:", "DTEND;VALUE=DATE:", "20260202", "T1000", "00", "Z", "\n", "\n ", ";", ":", "=", "\"", "\\",
        "^", ",", "BEGIN:",
        "END:", "VEVENT", "VTIMEZONE", "STANDARD", "TZID:x\n", "TZOFFSETTO:+0100\n", "RRULE:FREQ=YEARLY;", "BYDAY=-5MO;",
        "BYMONTH=2;", "UNTIL=2000",
        "BYMONTHDAY=31,30;", "DURATION:P", "1D", "ORGANIZER", "ATTENDEE;CN=", "mailto:", "a@b", "é", "\0",
    ];

    private static ParsedCalendar Event(string lines) => Read($"BEGIN:VEVENT\n{lines}\nUID:1\nEND:VEVENT\n");

    private static ParsedCalendar Read(string components) => Mail.Of(Raw(components)).Parsed.Calendar!;

    private static string Raw(string components) =>
        $"Content-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\nVERSION:2.0\n{components}END:VCALENDAR\n";

    [Theory]
    [InlineData("P9999999W")]
    [InlineData("P9999999W9999999W9999999W")]
    public void A_duration_beyond_all_dates_gives_no_end(string duration) =>
        Assert.Null(Read($"BEGIN:VEVENT\nDTSTART:20260202T100000Z\nDURATION:{duration}\nEND:VEVENT\n").End);

    [Fact]
    public void A_line_beyond_its_bound_is_cut_between_two_characters()
    {
        var name = new string('x', (8 * 1024) - "SUMMARY;X=:a".Length - 1);
        Assert.Equal("a", Read($"BEGIN:VEVENT\nSUMMARY;X={name}:a\ud83d\ude00\nEND:VEVENT\n").Summary);
    }
}
