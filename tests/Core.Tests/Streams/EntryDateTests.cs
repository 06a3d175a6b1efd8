using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

/// <summary>Reads dates of entries in another time zone than UTC. It sets the time zone of the process, so it runs alone.</summary>
[CollectionDefinition(DisableParallelization = true)]
[Collection(typeof(EntryDateTests))]
public sealed class EntryDateTests : IDisposable
{
    private const string Zone = "TZ";

    private readonly string? _zone = Environment.GetEnvironmentVariable(Zone);

    public EntryDateTests() => Use("Asia/Tokyo");

    public void Dispose() => Use(_zone);

    [Theory]
    [InlineData("2024-02-29T23:59:58.0000000", 0)]
    [InlineData("2024-02-29T23:59:58.0000000Z", 0)]
    [InlineData("2024-02-29T23:59:58.0000000+02:00", 2)]
    [InlineData("2024-02-29T23:59:58", 0)]
    [InlineData("2024-02-29T23:59:58Z", 0)]
    public void A_date_is_utc_unless_it_names_an_offset(string text, int offset)
    {
        Assert.Equal(TimeSpan.FromHours(9), TimeZoneInfo.Local.BaseUtcOffset);
        var fields = EntryCodec.Encode(Mail.Of("Subject: x\r\n\r\n"))
            .Select(field => field.Name == EntryFields.Date ? new(field.Name, text) : field).ToArray();

        var date = EntryCodec.Decode(fields, out _).Message!.Date;

        Assert.Equal(new DateTimeOffset(2024, 2, 29, 23, 59, 58, TimeSpan.FromHours(offset)).UtcDateTime, date.UtcDateTime);
    }

    private static void Use(string? zone)
    {
        Environment.SetEnvironmentVariable(Zone, zone);
        TimeZoneInfo.ClearCachedData();
    }
}
