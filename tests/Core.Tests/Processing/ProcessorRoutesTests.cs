using EmailIngestion.Consuming;
using EmailIngestion.Core.Tests.Configuration;
using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Hosting;
using EmailIngestion.Processing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Core.Tests.Processing;

/// <summary>Tests which processors run for which mailbox, and in which order.</summary>
public sealed class ProcessorRoutesTests
{
    private static readonly (string, string?)[] TwoMailboxes =
    [
        ("Processing:Processor", "archive"),
        ("Mailboxes:0:Account", "sales"), ("Mailboxes:0:Folder", "inbox"), ("Mailboxes:0:Processor", "one, two"),
        ("Mailboxes:1:Account", "support"), ("Mailboxes:1:Processor", "two"),
    ];

    [Theory]
    [InlineData("sales/INBOX", "one,two")]
    [InlineData("support/INBOX", "two")]
    [InlineData("support/Sent", "archive")]
    [InlineData("unknown/INBOX", "archive")]
    public void The_mailbox_of_an_email_decides_its_processors(string mailbox, string processors) =>
        Assert.Equal(processors, Routes(TwoMailboxes).Of(mailbox).Processors.Text);

    [Fact]
    public void Mailboxes_with_the_same_processors_share_a_list()
    {
        var routes = Routes([.. TwoMailboxes, ("Mailboxes:1:Processor", "one,two"), ("Processing:Processor", "one , two")]);
        Assert.Equal("one,two", Assert.Single(routes.Lists).Text);
    }

    [Fact]
    public void The_authentication_server_of_a_mailbox_reaches_the_reading_of_its_emails()
    {
        var routes = Routes([.. TwoMailboxes, ("Mailboxes:1:AuthenticationServer", "mx.example.org"), ("Processing:MaxParts", "7")]);
        Assert.Null(routes.Of("sales/INBOX").Reading.AuthenticationServer);
        Assert.Equal("mx.example.org", routes.Of("support/INBOX").Reading.AuthenticationServer);
        Assert.Equal(7, routes.Of("support/INBOX").Reading.Limits.MaxParts);
    }

    [Fact]
    public async Task Changed_routes_have_circuits_of_their_own_and_keep_those_they_had()
    {
        await using var services = Services(TwoMailboxes, []);
        var (routes, circuits) = (services.GetRequiredService<ProcessorRoutes>(), services.GetRequiredService<Circuits>());
        Assert.Equal(["archive", "one,two", "two"], circuits.All.Select(circuit => circuit.Processors));
        var former = circuits.All[1];

        routes.Change([new("Mailboxes:0", "sales/INBOX", "three", null), new("Mailboxes:1", "new/INBOX", "two", "mx.example.org")]);
        Assert.Equal("three", routes.Of("sales/INBOX").Processors.Text);
        Assert.Equal("archive", routes.Of("support/INBOX").Processors.Text);
        Assert.Equal("mx.example.org", routes.Of("new/INBOX").Reading.AuthenticationServer);
        Assert.Equal(["archive", "three", "two"], circuits.All.Select(circuit => circuit.Processors));

        routes.Change([new("Mailboxes:0", "sales/INBOX", "one,two", null)]);
        Assert.Equal(["archive", "one,two"], circuits.All.Select(circuit => circuit.Processors));
        Assert.Same(former, circuits.All[1]);
    }

    [Fact]
    public async Task Processors_run_in_their_order()
    {
        var runs = new List<string>();
        await RunAsync(runs, "two,one,three");
        Assert.Equal(["two", "one", "three"], runs);
    }

    [Fact]
    public async Task A_failure_stops_the_list_and_the_next_run_begins_with_the_first()
    {
        var runs = new List<string>();
        await Assert.ThrowsAsync<TransientFailureException>(() => RunAsync(runs, "one,failing,three"));
        Assert.Equal(["one"], runs);
        await Assert.ThrowsAsync<TransientFailureException>(() => RunAsync(runs, "one,failing,three"));
        Assert.Equal(["one", "one"], runs);
    }

    [Fact]
    public async Task A_cancelled_run_starts_no_further_processor()
    {
        var runs = new List<string>();
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(runs, "one,two", cancel));
        Assert.Equal(["one"], runs);
    }

    private static ProcessorRoutes Routes((string, string?)[] settings) => Services(settings, []).GetRequiredService<ProcessorRoutes>();

    private static async Task RunAsync(List<string> runs, string processors, CancellationTokenSource? cancel = null)
    {
        await using var services = Services([("Processing:Processor", processors)], runs, cancel);
        await services.GetRequiredService<ProcessorRunner>().RunAsync(
            new EmailDelivery { Email = Mail.Of("Subject: s\r\n\r\ntext"u8.ToArray()) },
            cancel?.Token ?? TestContext.Current.CancellationToken);
    }

    private static ServiceProvider Services((string, string?)[] settings, List<string> runs, CancellationTokenSource? cancel = null)
    {
        var all = new Dictionary<string, string?> { ["REDIS_HOST"] = "localhost" };
        foreach (var (name, value) in settings)
            all[name] = value;
        var services = new ServiceCollection().AddLogging().AddEmailIngestion(Start.Configuration(all));
        foreach (var name in new[] { "one", "two", "three", "failing" })
        {
            services.AddSingleton(new ProcessorRegistration(name, ServiceLifetime.Singleton));
            services.AddKeyedSingleton<IEmailProcessor>(name, new Noting(name, runs, cancel));
        }

        return services.BuildServiceProvider();
    }

    private sealed class Noting(string name, List<string> runs, CancellationTokenSource? cancel) : IEmailProcessor
    {
        public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken)
        {
            if (name == "failing")
                throw new TransientFailureException("It fails.");
            runs.Add(name);
            return cancel?.CancelAsync() ?? Task.CompletedTask;
        }
    }
}
