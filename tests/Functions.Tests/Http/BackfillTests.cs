using System.Net;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Streams.Jobs;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

/// <summary>Starts jobs that read older mail. No process polls here, so they stay queued.</summary>
public sealed class BackfillTests(TestRedis redis)
{
    private const string Ann = "ann@example.org/INBOX";

    [Fact]
    public async Task It_is_accepted_as_a_job_with_its_address_and_recorded()
    {
        await using var host = await StartAsync();
        using var response = await host.SendAsync(
            HttpMethod.Post, "mailboxes/backfill", $$"""{"mailbox":"{{Ann}}","from":"2026-01-31","to":"2026-01-31"}""");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var id = json.RootElement.GetProperty("id").GetString()!;
        Assert.Equal($"../jobs/{id}", response.Headers.Location!.ToString());

        var job = await host.GetJsonAsync($"jobs/{id}");
        Assert.Equal(("backfill", JobState.Queued), (job.GetProperty("kind").GetString(), job.GetProperty("state").GetString()));
        Assert.Equal(
            $$"""{"mailbox":"{{Ann}}","from":"2026-01-31","to":"2026-01-31"}""",
            job.GetProperty("filter").GetRawText().Replace(" ", "", StringComparison.Ordinal));
        var entry = Assert.Single((await host.GetJsonAsync("audit")).GetProperty("entries").EnumerateArray());
        Assert.Equal(
            ("backfill", id, "default"),
            (entry.GetProperty("action").GetString(), entry.GetProperty("target").GetString(), entry.GetProperty("who").GetString()));
    }

    [Theory]
    [InlineData("{}", "mailbox is missing")]
    [InlineData("""{"mailbox":"M"}""", "from is missing")]
    [InlineData("""{"mailbox":"M","from":null}""", "from is missing")]
    [InlineData("""{"mailbox":"M","from":"31.1.2026"}""", "from is '31.1.2026'")]
    [InlineData("""{"mailbox":"M","from":"2026-02-30"}""", "from is '2026-02-30'")]
    [InlineData("""{"mailbox":"M","from":"2026-1-3"}""", "yyyy-MM-dd")]
    [InlineData("""{"mailbox":"M","from":20260131}""", "from")]
    [InlineData("""{"mailbox":"M","from":"2026-01-31","to":"tomorrow"}""", "to is 'tomorrow'")]
    [InlineData("""{"mailbox":"M","from":"2026-01-31","to":""}""", "to is ''")]
    [InlineData("""{"mailbox":"M","from":"2026-01-31","to":"2026-01-30"}""", "before from")]
    [InlineData("""{"mailbox":"M","from":"2026-01-31","until":"2026-02-01"}""", "until")]
    public async Task A_bad_body_is_refused_by_its_field(string body, string says)
    {
        await using var host = await StartAsync();
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Post, "mailboxes/backfill", body.Replace("\"M\"", $"\"{Ann}\"", StringComparison.Ordinal)),
            HttpStatusCode.BadRequest,
            says);
        Assert.Empty(await host.Partition.Jobs.OpenAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_unknown_mailbox_is_not_found_and_the_known_ones_are_listed()
    {
        await using var host = await StartAsync();
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Post, "mailboxes/backfill", """{"mailbox":"nobody","from":"2026-01-31"}"""),
            HttpStatusCode.NotFound,
            $"It has '{Ann}'");
    }

    [Fact]
    public async Task More_than_twenty_open_jobs_are_refused()
    {
        await using var host = await StartAsync();
        var body = $$"""{"mailbox":"{{Ann}}","from":"2026-01-31"}""";
        for (var i = 0; i < JobStore.MostOpen; i++)
            (await host.SendAsync(HttpMethod.Post, "mailboxes/backfill", body)).Dispose();
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Post, "mailboxes/backfill", body), HttpStatusCode.Conflict, "As many jobs");
    }

    private async Task<TestHost> StartAsync()
    {
        var host = await TestHost.StartAsync(redis.ConnectionString);
        await host.AppendAsync(1, "Subject: x\r\n\r\n"u8.ToArray());
        return host;
    }
}
