using System.Globalization;
using EmailIngestion.DevServers;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Hosting;
using EmailIngestion.Processing;
using Xunit;

namespace EmailIngestion.Functions.Tests.Hosting;

/// <summary>
/// Runs in a collection without parallel tests: listeners find meters by name, also the meters of other hosts in this process. When one
/// of them ends, the metric of that name ends for all.
/// </summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class OneMeter;

[Collection(typeof(OneMeter))]
public sealed class PrometheusTests(TestRedis redis)
{
    // The names of the former system, unchanged: dashboards and alerts use them.
    private static readonly string[] Names =
    [
        "email_ingestion_stream_depth", "email_ingestion_dlq_depth", "email_ingestion_circuit_breaker_state",
        "email_ingestion_emails_processed_total", "email_ingestion_dlq_messages_total",
        "processing_latency_seconds_bucket", "processing_latency_seconds_sum", "processing_latency_seconds_count",
    ];

    [Fact]
    public async Task A_scrape_has_the_documented_names()
    {
        var port = Loopback.FreePort();
        await using var host = await TestHost.StartAsync(
            redis.ConnectionString,
            settings =>
            {
                settings["Telemetry:PrometheusPort"] = port.ToString(CultureInfo.InvariantCulture);
                settings["Telemetry:PrometheusHost"] = "localhost";
                settings["Consumer:Enabled"] = "true";
                settings["Processing:Processor"] = "picky";
            },
            services => services.AddEmailProcessor<Picky>("picky"));
        await host.AppendAsync(1, "Subject: good\r\n\r\n"u8.ToArray());
        await host.AppendAsync(2, "Subject: bad\r\n\r\n"u8.ToArray());

        var scraped = "";
        await Eventually.TrueAsync(
            async () =>
            {
                scraped = await host.Client.GetStringAsync($"http://localhost:{port}/metrics", TestContext.Current.CancellationToken);
                return Names.All(name => Samples(scraped, name).Count > 0);
            },
            () => $"missing are {string.Join(", ", Names.Where(name => Samples(scraped, name).Count == 0))} in:\n{scraped}");

        Assert.Equal([1], Samples(scraped, "email_ingestion_emails_processed_total"));
        Assert.Equal([1], Samples(scraped, "email_ingestion_dlq_messages_total"));
        // Hosts of other tests run in this process too, and a scrape shows their meters.
        Assert.All(Samples(scraped, "email_ingestion_circuit_breaker_state"), state => Assert.Equal(0, state));
        Assert.Equal(2, Samples(scraped, "processing_latency_seconds_count").Sum());
        Assert.Contains("email_ingestion_dlq_messages_total{", scraped, StringComparison.Ordinal);
        Assert.Contains("reason=\"permanent\"", scraped, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "example.org", scraped.Replace("ann@example.org/INBOX", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private static List<double> Samples(string scraped, string name) =>
    [
        .. scraped.Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) || line.StartsWith(name + " ", StringComparison.Ordinal))
            .Select(line => line[(line.LastIndexOf('}') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(words => double.Parse(words.First(word => char.IsDigit(word[0])), CultureInfo.InvariantCulture)),
    ];

    private sealed class Picky : IEmailProcessor
    {
        public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken) =>
            delivery.Email.Mime.Subject == "bad" ? throw new PermanentFailureException("bad") : Task.CompletedTask;
    }
}
