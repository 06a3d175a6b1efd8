using System.Net;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class ControlTests(TestRedis redis)
{
    private const string Ann = "ann@example.org/INBOX";
    private const string Hostile = "x\"{}%\r\n\u202e<script>/'é";

    [Fact]
    public async Task A_pause_is_answered_shown_recorded_and_ended()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var paused = await ChangeAsync(host, "control/pause", """{"scope":"everything","reason":"Migration"}""");
        var pause = Assert.Single(paused.GetProperty("paused").EnumerateArray());
        Assert.Equal(
            (host.Partition.Name, "everything", null, "default", "Migration"),
            (Text(pause, "partition"), Text(pause, "scope"), Text(pause, "name"), Text(pause, "who"), Text(pause, "reason")));
        Assert.InRange(
            pause.GetProperty("since").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(-1),
            TimeProvider.System.GetUtcNow());
        Assert.Equal(paused.ToString(), (await host.GetJsonAsync("control")).ToString());

        var resumed = await ChangeAsync(host, "control/resume", """{"scope":"everything"}""");
        Assert.Empty(resumed.GetProperty("paused").EnumerateArray());
        await ChangeAsync(host, "control/resume", """{"scope":"everything"}""");
        // What changed nothing is not recorded.
        Assert.Equal([("default", "pause", "everything"), ("default", "resume", "everything")], await AuditAsync(host));
    }

    [Fact]
    public async Task The_audit_has_the_reason_of_a_pause()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await ChangeAsync(host, "control/pause", """{"scope":"everything","reason":"Migration\nof the CRM"}""");
        await ChangeAsync(host, "control/pause", """{"scope":"consumers"}""");
        await ChangeAsync(host, "control/resume", """{"scope":"everything"}""");
        Assert.Equal(
            ["done", "done", "done: Migration of the CRM"],
            (await host.GetJsonAsync("audit")).GetProperty("entries").EnumerateArray().Select(entry => Text(entry, "outcome")));
    }

    [Fact]
    public async Task Pauses_of_each_scope_live_side_by_side()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.AppendAsync(1, "Subject: x\r\n\r\n"u8.ToArray());
        await ChangeAsync(host, "control/pause", """{"scope":"consumers"}""");
        await ChangeAsync(host, "control/pause", $$"""{"scope":"mailbox","mailbox":"{{Ann}}"}""");
        await ChangeAsync(host, "control/pause", """{"scope":"everything"}""");
        Assert.Equal(
            [("everything", null), ("consumers", null), ("mailbox", Ann)],
            (await host.GetJsonAsync("control")).GetProperty("paused").EnumerateArray()
                .Select(pause => (Text(pause, "scope"), Text(pause, "name"))));
        var left = await ChangeAsync(host, "control/resume", $$"""{"scope":"mailbox","mailbox":"{{Ann}}"}""");
        Assert.Equal(2, left.GetProperty("paused").GetArrayLength());
    }

    [Fact]
    public async Task A_mailbox_with_a_hostile_name_is_paused_by_exactly_that_name()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.AppendAsync(1, "Subject: x\r\n\r\n"u8.ToArray(), mailbox: Hostile);
        var body = $$"""{"scope":"mailbox","mailbox":{{JsonSerializer.Serialize(Hostile)}}}""";
        Assert.Equal(Hostile, Text((await ChangeAsync(host, "control/pause", body)).GetProperty("paused")[0], "name"));
        Assert.NotNull((await host.Partition.Control.ReadAsync(TestContext.Current.CancellationToken)).PauseOf(Hostile));
        Assert.Empty((await ChangeAsync(host, "control/resume", body)).GetProperty("paused").EnumerateArray());
    }

    [Fact]
    public async Task An_unknown_mailbox_is_not_found_and_the_known_ones_are_listed()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.AppendAsync(1, "Subject: x\r\n\r\n"u8.ToArray());
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Post, "control/pause", """{"scope":"mailbox","mailbox":"ann@example.org"}"""),
            HttpStatusCode.NotFound,
            $"It has '{Ann}'");
        Assert.Empty((await host.Partition.Control.ReadAsync(TestContext.Current.CancellationToken)).Mailboxes);
        Assert.Empty(await AuditAsync(host));
    }

    [Theory]
    [InlineData("pause", """{}""", "scope")]
    [InlineData("pause", """{"scope":"all"}""", "scope is 'all'")]
    [InlineData("pause", """{"scope":"Everything"}""", "scope is 'Everything'")]
    [InlineData("pause", """{"scope":7}""", "scope")]
    [InlineData("pause", """{"scope":"mailbox"}""", "mailbox is missing")]
    [InlineData("pause", """{"scope":"mailbox","mailbox":""}""", "mailbox is missing")]
    [InlineData("pause", """{"scope":"consumers","mailbox":"x"}""", "mailbox is for the scope mailbox only")]
    [InlineData("pause", """{"scope":"everything","until":"tomorrow"}""", "until")]
    [InlineData("pause", """{"scope":"everything","scope":"consumers"}""", "once")]
    [InlineData("pause", "[]", "object")]
    [InlineData("resume", """{"scope":null}""", "scope")]
    public async Task A_bad_body_is_refused_by_its_field(string action, string body, string says)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Post, $"control/{action}", body), HttpStatusCode.BadRequest, says);
        Assert.Empty(await AuditAsync(host));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"concurrency":0}""")]
    [InlineData("""{"concurrency":1001}""")]
    [InlineData("""{"concurrency":1.5}""")]
    [InlineData("""{"concurrency":99999999999}""")]
    [InlineData("""{"concurrency":"20"}""")]
    public async Task A_bad_concurrency_is_refused_with_the_bounds(string body)
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Put, "control/concurrency", body), HttpStatusCode.BadRequest, "between 1 and 1000");
    }

    [Fact]
    public async Task A_concurrency_is_kept_until_it_is_set_back()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        var set = await ChangeAsync(host, "control/concurrency", """{"concurrency":20}""", HttpMethod.Put);
        var concurrency = Assert.Single(set.GetProperty("concurrency").EnumerateArray());
        Assert.Equal((host.Partition.Name, 20), (Text(concurrency, "partition"), concurrency.GetProperty("value").GetInt32()));
        var reset = await ChangeAsync(host, "control/concurrency", """{"concurrency":null}""", HttpMethod.Put);
        Assert.Empty(reset.GetProperty("concurrency").EnumerateArray());
        Assert.Equal([("default", "concurrency", "20"), ("default", "concurrency", "setting")], await AuditAsync(host));
    }

    [Fact]
    public async Task Of_several_partitions_one_or_all_must_be_chosen()
    {
        var other = $"t{Guid.NewGuid():N}";
        await using var host = await TestHost.StartAsync(redis.ConnectionString, settings => settings["Streams:Partitions:1"] = other);
        const string Body = """{"scope":"everything"}""";
        await Problems.AssertAsync(await host.SendAsync(HttpMethod.Post, "control/pause", Body), HttpStatusCode.BadRequest, other);
        var one = await ChangeAsync(host, $"control/pause?partition={other}", Body);
        Assert.Equal([other], Partitions(one));
        var both = await ChangeAsync(host, "control/pause?partition=*", Body);
        Assert.Equal([host.Partition.Name, other], Partitions(both));
        Assert.Equal([other], Partitions(await host.GetJsonAsync($"control?partition={other}")));
        Assert.Empty(Partitions(await ChangeAsync(host, "control/resume?partition=*", Body)));
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Post, "control/pause?partition=*", """{"scope":"mailbox","mailbox":"x"}"""),
            HttpStatusCode.BadRequest,
            "partition is '*'");
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Put, "control/concurrency?partition=*", """{"concurrency":1}"""),
            HttpStatusCode.BadRequest,
            "partition is '*'");
    }

    [Fact]
    public async Task A_paused_consumer_is_alive_and_ready_and_says_so()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString, settings => settings["Consumer:Enabled"] = "true");
        await ChangeAsync(host, "control/pause", """{"scope":"consumers","reason":"secret reason"}""");
        foreach (var probe in new[] { "live", "ready" })
        {
            // Not before the first pass of the consumer.
            await Eventually.TrueAsync(
                async () => (await host.Client.GetAsync($"health/{probe}")).IsSuccessStatusCode, () => $"the consumer is {probe}");
            using var response = await host.Client.GetAsync($"health/{probe}", TestContext.Current.CancellationToken);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode, text);
            Assert.Contains($"the consumers of {host.Keys.Stream} are paused", text, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_control_key_of_another_type_is_named_and_nothing_changes()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        await (await host.RedisAsync()).StringSetAsync(host.Keys.Control, "x");
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Post, "control/pause", """{"scope":"everything"}"""),
            HttpStatusCode.InternalServerError,
            host.Keys.Control!);
        Assert.Empty(await AuditAsync(host));
    }

    private static async Task<JsonElement> ChangeAsync(TestHost host, string path, string body, HttpMethod? method = null)
    {
        using var response = await host.SendAsync(method ?? HttpMethod.Post, path, body);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }

    private static async Task<List<(string Who, string What, string Target)>> AuditAsync(TestHost host) =>
    [
        .. (await (await host.RedisAsync()).StreamRangeAsync(host.Keys.Audit))
            .Select(entry => (entry["who"].ToString(), entry["what"].ToString(), entry["target"].ToString())),
    ];

    private static IEnumerable<string?> Partitions(JsonElement report) =>
        report.GetProperty("paused").EnumerateArray().Select(pause => Text(pause, "partition"));

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();
}
