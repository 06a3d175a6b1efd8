using System.Globalization;
using System.Net;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class DeadLetterTests(TestRedis redis)
{
    // Every byte value, and no newline at the end.
    private static readonly byte[] Raw = [.. "Subject: x\r\n\r\n"u8, .. Enumerable.Range(0, 256).Select(i => (byte)i)];

    [Fact]
    public async Task A_dead_letter_shows_the_email_and_why_it_failed()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var refused = FailureRecord.Of("permanent", "Refused", "Row 1 is wrong");
        var failure = refused with { StackTrace = "Refused: Row 1 is wrong\n   at Rows.Read()" };
        var id = await host.MoveAsync(42, Raw, failure);
        var deadLetter = await host.GetJsonAsync($"dlq/{id}");
        var expected = new Dictionary<string, string?>
        {
            ["id"] = id,
            ["emailId"] = EmailId.Of("ann@example.org/INBOX", "", 7, 42).ToString(),
            ["mailbox"] = "ann@example.org/INBOX",
            ["messageId"] = "42@example.org",
            ["from"] = "Bob <bob@example.org>",
            ["subject"] = "Email 42",
            ["date"] = "2024-01-02T03:04:05.0000000Z",
            ["body"] = "whole",
            ["reason"] = "permanent",
            ["errorType"] = "Refused",
            ["errorMessage"] = "Row 1 is wrong",
            ["stackTrace"] = failure.StackTrace,
            ["fingerprint"] = failure.Fingerprint,
            ["consumer"] = "tester",
        };
        Assert.Equal(expected, expected.Keys.ToDictionary(name => name, name => deadLetter.GetProperty(name).GetString()));
        Assert.Equal(
            (7, 42, Raw.Length, 1, 0),
            (
                Number(deadLetter, "uidValidity"), Number(deadLetter, "uid"), Number(deadLetter, "size"),
                Number(deadLetter, "deliveryCount"), Number(deadLetter, "replays")));
        Assert.Equal(deadLetter.GetProperty("firstFailure").GetString(), deadLetter.GetProperty("lastFailure").GetString());
        Assert.Equal(
            deadLetter.ToString(), Assert.Single((await host.GetJsonAsync("dlq")).GetProperty("deadLetters").EnumerateArray()).ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300_000)]
    public async Task The_message_is_returned_byte_for_byte(int more)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        byte[] raw = [.. Raw, .. new byte[more]];
        var id = await host.MoveAsync(1, raw);
        using var response = await host.SendAsync(HttpMethod.Get, $"dlq/{id}/raw");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("message/rfc822", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"{id}.eml", response.Content.Headers.ContentDisposition?.FileName);
        Assert.Equal(raw, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_replay_moves_the_dead_letter_to_the_stream_once()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var id = await host.MoveAsync(1, Raw);
        using var response = await host.SendAsync(HttpMethod.Post, $"dlq/{id}/replay");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var report = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(id, report.RootElement.GetProperty("id").GetString());

        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Post, $"dlq/{id}/replay"), HttpStatusCode.NotFound, id);
        await using var group = host.Partition.Join("reader", TimeSpan.FromMinutes(1));
        var read = await group.Reader.ReadAsync(10, TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        var delivery = Assert.Single(read);
        Assert.Equal(report.RootElement.GetProperty("entryId").GetString(), delivery.EntryId);
        Assert.Null(delivery.Malformed);
        Assert.Equal(Raw, delivery.Message!.Raw.ToArray());
        Assert.Equal(0, await (await host.RedisAsync()).StreamLengthAsync(host.Keys.DeadLetters));
        Assert.Equal([("default", "replay", id)], await AuditAsync(host));
    }

    [Fact]
    public async Task At_the_stream_limit_a_dead_letter_stays()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString, settings => settings["Streams:MaxStreamLength"] = "2");
        var id = await host.MoveAsync(1, Raw);
        // Two unread entries. Settled entries would be trimmed.
        for (var i = 0; i < 2; i++)
            await (await host.RedisAsync()).StreamAddAsync(host.Keys.Stream, "unread", i);
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Post, $"dlq/{id}/replay"), HttpStatusCode.Conflict, "Streams:MaxStreamLength");
        Assert.Equal(id, (await host.GetJsonAsync($"dlq/{id}")).GetProperty("id").GetString());
        Assert.Empty(await AuditAsync(host));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Subject: only headers\r\n\r\n")]
    public async Task A_dead_letter_without_its_body_cannot_be_replayed(string fetched)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.AppendAsync(1, System.Text.Encoding.ASCII.GetBytes(fetched), FailureRecord.Of("oversize", "oversize", "too large"));
        var deadLetter = Assert.Single((await host.GetJsonAsync("dlq")).GetProperty("deadLetters").EnumerateArray());
        var id = deadLetter.GetProperty("id").GetString();
        Assert.Equal(fetched.Length == 0 ? "none" : "headers", deadLetter.GetProperty("body").GetString());
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Post, $"dlq/{id}/replay"), HttpStatusCode.Conflict, "never fetched");
        Assert.Equal(1, await (await host.RedisAsync()).StreamLengthAsync(host.Keys.DeadLetters));
    }

    [Fact]
    public async Task A_dead_letter_is_deleted_once()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var id = await host.MoveAsync(1, Raw);
        using var response = await host.SendAsync(HttpMethod.Delete, $"dlq/{id}");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Delete, $"dlq/{id}"), HttpStatusCode.NotFound, id);
        Assert.Equal([("default", "delete", id)], await AuditAsync(host));
    }

    [Fact]
    public async Task The_audit_names_the_key_of_each_change()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var id = await host.MoveAsync(1, Raw);
        (await host.SendAsync(HttpMethod.Get, "status")).Dispose();
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"dlq/{id}");
        request.Headers.Add("x-functions-key", host.ReadKeys()["_master"]);
        using var response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal([("_master", "delete", id)], await AuditAsync(host));
        var entry = Assert.Single(await (await host.RedisAsync()).StreamRangeAsync(host.Keys.Audit));
        Assert.InRange(
            DateTimeOffset.Parse(entry["at"].ToString(), CultureInfo.InvariantCulture),
            TimeProvider.System.GetUtcNow().AddMinutes(-1),
            TimeProvider.System.GetUtcNow());
        Assert.Equal(1, (int)entry["count"]);
        Assert.DoesNotContain(
            host.ReadKeys()["_master"], string.Join(' ', entry.Values.Select(field => field.Value.ToString())), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1-0")]
    [InlineData("x")]
    [InlineData("-")]
    [InlineData("%2B")]
    [InlineData("0-0")]
    [InlineData("99999999999999999999-0")]
    public async Task An_id_without_a_dead_letter_is_not_found(string id)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.MoveAsync(1, Raw);
        var text = Uri.UnescapeDataString(id);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Get, $"dlq/{id}"), HttpStatusCode.NotFound, $"'{text}'");
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Get, $"dlq/{id}/raw"), HttpStatusCode.NotFound, $"'{text}'");
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Post, $"dlq/{id}/replay"), HttpStatusCode.NotFound, $"'{text}'");
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Delete, $"dlq/{id}"), HttpStatusCode.NotFound, $"'{text}'");
        Assert.Equal(1, await (await host.RedisAsync()).StreamLengthAsync(host.Keys.DeadLetters));
    }

    private static async Task<List<(string Who, string What, string DeadLetter)>> AuditAsync(TestHost host) =>
    [
        .. (await (await host.RedisAsync()).StreamRangeAsync(host.Keys.Audit))
            .Select(entry => (entry["who"].ToString(), entry["what"].ToString(), entry["letter"].ToString())),
    ];

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
