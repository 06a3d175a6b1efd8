using System.Text;
using EmailIngestion.DevServers.Mail;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Functions.Tests.Worker.Messages;
using EmailIngestion.Local.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xunit;

namespace EmailIngestion.Functions.Tests.Worker;

/// <summary>The sample of a user's own app, which references Functions and adds a processor and a health check.</summary>
public sealed class InvoicesSampleTests(TestRedis redis)
{
    private const string Pdf = "%PDF-1.7 invoice 42";

    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_app_of_ones_own_loads_all_functions_and_runs_its_processor()
    {
        using var folder = new TemporaryFolder();
        var invoices = Path.Combine(folder.Path, "invoices");
        var partition = $"t{Guid.NewGuid():N}";
        // The mailbox has one email without a PDF.
        await using var mailbox = await DemoMailbox.StartAsync(0, null, TimeProvider.System, Cancel);
        await mailbox.AppendAsync(
            DemoMailbox.User, DemoMailbox.Password, DemoMailbox.Folder, [(Email(), TimeProvider.System.GetUtcNow())], Cancel);
        await using var host = await WorkerHost.StartAsync(
            [
                .. WorkerSettings.For(redis, partition, folder),
                .. WorkerSettings.Mailbox(partition, mailbox),
                ("Processing:Processor", "invoices"),
                ("Invoices:Folder", invoices),
            ],
            app: WorkerApp.Invoices);
        Assert.Equal(
            FunctionCatalog.Find(typeof(StatusFunction).Assembly).Select(function => function.Name).Order(StringComparer.Ordinal),
            host.Functions.Select(function => function.Name).Order(StringComparer.Ordinal));

        Assert.Equal(StatusResult.Types.Status.Success, (await host.FireAsync("PollMailboxes")).Status);
        await Eventually.TrueAsync(
            async () => Files(invoices).Length > 0
                && (await DeadLettersAsync(host)).Contains("No PDF is attached.", StringComparison.Ordinal),
            () => "one email is an invoice, and the other one a dead letter");

        // The register's draft is gone, because the end of the run disposed it.
        await Eventually.TrueAsync(
            () => Files(invoices) is [var only] && only.EndsWith(".pdf", StringComparison.Ordinal), "only the invoice is left");
        Assert.Equal(Pdf, await File.ReadAllTextAsync(Files(invoices)[0], Cancel));
        host.Terminate();
        Assert.Equal(0, await host.Worker.EndAsync(TimeSpan.FromSeconds(60)));
    }

    [Theory]
    [InlineData(true, 200, """{"status":"ready","problems":[]}""")]
    [InlineData(false, 503, """{"status":"not ready","problems":["invoices: the folder of the invoices cannot be written"]}""")]
    public async Task A_health_check_of_ones_own_counts_alike_in_both_hosts(bool isWritable, int status, string body)
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "file");
        await File.WriteAllTextAsync(file, "", Cancel);
        await using var local = await TestHost.StartAsync(
            redis.ConnectionString,
            configure: services => services.AddHealthChecks().AddCheck("invoices", () => isWritable
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy("the folder of the invoices cannot be written", new IOException(file))));
        await using var worker = await WorkerHost.StartAsync(
            [
                .. WorkerSettings.For(redis, local.Partition.Name, folder),
                ("Consumer:Enabled", "false"),
                ("Invoices:Folder", isWritable ? folder.Path : Path.Combine(file, "invoices")),
            ],
            app: WorkerApp.Invoices);

        Assert.Equal((200, """{"status":"live","problems":[]}"""), await ReadAsync(await worker.SendAsync(HttpMethod.Get, "health/live")));
        Assert.Equal((status, body), await ReadAsync(await worker.SendAsync(HttpMethod.Get, "health/ready")));
        Assert.Equal((status, body), await ReadAsync(await local.SendAsync(HttpMethod.Get, "health/ready")));
        // A probe writes no line. The change is one line, with the exception.
        (await worker.SendAsync(HttpMethod.Get, "health/ready")).Dispose();
        var lines = worker.Output.Where(line => line.Contains("Health check", StringComparison.OrdinalIgnoreCase)).ToArray();
        Assert.Equal(isWritable ? 0 : 1, lines.Length);
        Assert.Equal([file], Directory.GetFiles(folder.Path));
    }

    private static byte[] Email() => Encoding.ASCII.GetBytes(
        $"""
        From: shop@example.org
        Subject: Invoice 42
        MIME-Version: 1.0
        Content-Type: application/pdf
        Content-Disposition: attachment; filename="invoice.pdf"
        Content-Transfer-Encoding: base64

        {Convert.ToBase64String(Encoding.ASCII.GetBytes(Pdf))}

        """.ReplaceLineEndings("\r\n"));

    private static string[] Files(string folder) => Directory.Exists(folder) ? Directory.GetFiles(folder) : [];

    private static async Task<(int Status, string Body)> ReadAsync(HttpResponseMessage response)
    {
        using (response)
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(Cancel));
    }

    private static async Task<string> DeadLettersAsync(WorkerHost host)
    {
        using var response = await host.SendAsync(HttpMethod.Get, "dlq");
        return await response.Content.ReadAsStringAsync(Cancel);
    }
}
