using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Operations.Bulk;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Dlq;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class ExportTests(TestRedis redis)
{
    private static readonly byte[] Raw = [.. "Subject: x\r\n\r\n"u8, .. Enumerable.Range(0, 256).Select(i => (byte)i)];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_export_has_each_message_byte_for_byte_and_a_list()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var small = await host.MoveAsync(1, Raw);
        // Its body is not in its dead letter.
        byte[] large = [.. Raw, .. new byte[1_500_000]];
        var stored = await host.MoveAsync(2, large);
        await host.AppendAsync(3, [], FailureRecord.Of("oversize", "oversize", "too large"));
        await host.AppendAsync(4, "Subject: headers\r\n\r\n"u8.ToArray(), FailureRecord.Of("oversize", "oversize", "too large"));

        using var response = await host.SendAsync(HttpMethod.Get, "dlq/export");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/zip", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.True(response.Headers.TransferEncodingChunked);
        using var zip = new ZipArchive(await response.Content.ReadAsStreamAsync(Cancel));
        Assert.Equal(Raw, Read(zip, $"{small}.eml"));
        Assert.Equal(large, Read(zip, $"{stored}.eml"));
        using var list = JsonDocument.Parse(Read(zip, "dead-letters.json"));
        Assert.Equal(JsonValueKind.Null, list.RootElement.GetProperty("after").ValueKind);
        var items = list.RootElement.GetProperty("deadLetters").EnumerateArray().ToArray();
        Assert.Equal([1, 2, 3, 4], items.Select(item => item.GetProperty("deadLetter").GetProperty("uid").GetInt32()));
        Assert.Equal($"{small}.eml", items[0].GetProperty("file").GetString());
        Assert.False(items[2].TryGetProperty("file", out _));
        Assert.Contains("never fetched", items[2].GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Contains("headers", items[3].GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Equal(4, zip.Entries.Count);
    }

    [Fact]
    public async Task An_export_has_what_the_filter_selects_and_is_in_the_audit()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.MoveAsync(1, Raw);
        var second = await host.MoveAsync(2, Raw);
        using var response = await host.SendAsync(HttpMethod.Get, "dlq/export?text=email%202");
        using var zip = new ZipArchive(await response.Content.ReadAsStreamAsync(Cancel));
        Assert.Equal([$"{second}.eml", "dead-letters.json"], zip.Entries.Select(entry => entry.FullName));
        var entries = (await host.GetJsonAsync("audit")).GetProperty("entries").EnumerateArray().ToArray();
        Assert.Equal(
            [("export", "completed", 1), ("export", "started", 0)],
            entries.Select(entry => (
                entry.GetProperty("action").GetString(), entry.GetProperty("outcome").GetString(), entry.GetProperty("count").GetInt64())));
    }

    [Fact]
    public async Task A_full_export_says_at_its_end_where_the_next_begins()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        string[] ids = [await host.MoveAsync(1, Raw), await host.MoveAsync(2, Raw), await host.MoveAsync(3, Raw)];

        var first = await ExportAsync(host, after: null);
        Assert.EndsWith($"after={ids[1]}", Encoding.Latin1.GetString(first), StringComparison.Ordinal);
        using (var zip = new ZipArchive(new MemoryStream(first)))
        {
            Assert.Equal($"after={ids[1]}", zip.Comment);
            Assert.Equal([$"{ids[0]}.eml", $"{ids[1]}.eml", "dead-letters.json"], zip.Entries.Select(entry => entry.FullName));
        }

        using (var last = new ZipArchive(new MemoryStream(await ExportAsync(host, ids[1]))))
        {
            Assert.Equal("", last.Comment);
            Assert.Equal([$"{ids[2]}.eml", "dead-letters.json"], last.Entries.Select(entry => entry.FullName));
        }

        // One that is just full is the last.
        using var full = new ZipArchive(new MemoryStream(await ExportAsync(host, ids[0])));
        Assert.Equal("", full.Comment);
        Assert.Equal([$"{ids[1]}.eml", $"{ids[2]}.eml", "dead-letters.json"], full.Entries.Select(entry => entry.FullName));
    }

    [Fact]
    public async Task A_client_that_goes_away_ends_the_export()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var random = new byte[3_000_000];
        new Random(1).NextBytes(random);
        for (uint uid = 1; uid <= 12; uid++)
            await host.MoveAsync(uid, random);
        (await host.SendAsync(HttpMethod.Get, "status")).Dispose();
        using (var client = await RawHttp.ConnectAsync(host.Client.BaseAddress!, Cancel))
        {
            await client.SendAsync(
                Encoding.ASCII.GetBytes(
                    $"GET /api/dlq/export HTTP/1.1\r\nHost: localhost\r\nx-functions-key: {host.ReadKeys()["default"]}\r\n\r\n"), Cancel);
            await Eventually.TrueAsync(async () => await OutcomesAsync(host) is ["started"], () => "the export has begun");
        }

        await Eventually.TrueAsync(async () => await OutcomesAsync(host) is ["ended early", "started"], () => "the export has ended");
    }

    private static async Task<byte[]> ExportAsync(TestHost host, string? after)
    {
        using var output = new MemoryStream();
        await DeadLetterExport.WriteAsync(host.Partition, new DeadLetterFilter(), after, "ann", output, most: 2, Cancel);
        return output.ToArray();
    }

    [Theory]
    [InlineData("from=x", "from is 'x'")]
    [InlineData("after=x", "after is 'x'")]
    [InlineData("partition=x", "partition is 'x'")]
    public async Task A_wrong_parameter_is_named(string query, string says)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Get, $"dlq/export?{query}"), HttpStatusCode.BadRequest, says);
    }

    private static byte[] Read(ZipArchive zip, string name)
    {
        using var entry = zip.GetEntry(name)!.Open();
        using var all = new MemoryStream();
        entry.CopyTo(all);
        return all.ToArray();
    }

    private static async Task<string?[]> OutcomesAsync(TestHost host) =>
    [
        .. (await host.GetJsonAsync("audit")).GetProperty("entries").EnumerateArray()
            .Select(entry => entry.GetProperty("outcome").GetString()),
    ];
}
