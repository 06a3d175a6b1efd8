using EmailIngestion.Core.Tests.Configuration;
using EmailIngestion.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Core.Tests.Processing;

/// <summary>Tests what the start says about the settings of processors, mailboxes and named webhooks.</summary>
public sealed class ProcessorSettingsTests
{
    private const string Url = "https://example.org/support";

    private static readonly (string, string?)[] Support = [("Webhooks:support:Url", Url), ("Webhooks:support:Secret", Start.Secret)];

    [Theory]
    [InlineData("Processing:Processor")]
    [InlineData("Mailboxes:1:Processor")]
    public void Several_processors_and_named_webhooks_are_accepted(string setting)
    {
        Assert.Empty(Lines([.. Support, (setting, "archive,webhook:support")]));
        Assert.Empty(Lines([.. Support, (setting, " archive , webhook:SUPPORT ")]));
    }

    [Theory]
    [InlineData("Processing:Processor", "webhook:sales", "Processing:Processor is 'webhook:sales'; the registered processors are ")]
    [InlineData("Mailboxes:1:Processor", "webhook:sales", "Mailboxes:1:Processor is 'webhook:sales'; the registered processors are ")]
    [InlineData("Processing:Processor", "archive,", "Processing:Processor is 'archive,' and names ''; the registered processors are ")]
    public void An_unknown_processor_ends_the_start_with_the_known_ones(string setting, string value, string line) =>
        Assert.Equal($"Settings: {line}archive, webhook, webhook:support.", Assert.Single(Lines([.. Support, (setting, value)])));

    [Fact]
    public void A_processor_that_is_named_twice_ends_the_start() => Assert.Equal(
        "Settings: Processing:Processor is 'archive,webhook:support,archive' and names 'archive' twice: name each processor once.",
        Assert.Single(Lines([.. Support, ("Processing:Processor", "archive,webhook:support,archive")])));

    [Theory]
    [InlineData("Webhooks:support:Url", "", "Webhooks:support:Url is '': it must be an absolute http or https address.")]
    [InlineData(
        "Webhooks:support:Url", "http://example.org/", "Webhooks:support:Url goes to 'example.org' over http, where others can read the "
        + "mail: use https, or set Webhooks:support:AllowHttp=true if the network is trusted.")]
    [InlineData("Webhooks:support:Secret", "short", "Webhooks:support:Secret has 5 bytes: the key of the signature must have 24 to 64.")]
    [InlineData(
        "Webhooks:support:PreviousSecret", "short",
        "Webhooks:support:PreviousSecret has 5 bytes: the key of the signature must have 24 to 64.")]
    [InlineData("Webhooks:support:PreviousSecret", Start.Secret, "Webhooks:support:PreviousSecret is the same as Webhooks:support:Secret: "
        + "set the new secret in Webhooks:support:Secret, or remove Webhooks:support:PreviousSecret.")]
    [InlineData(
        "Webhooks:support:MaxAttachmentBytes", "-1", "Webhooks:support:MaxAttachmentBytes is -1: it must be between 0 and 536870912.")]
    [InlineData("Webhooks:support:Compression", "7", "Webhooks:support:Compression is 7: it must be None or Gzip.")]
    [InlineData("Webhooks:support:PermanentStatusCodes:0", "500",
        "Webhooks:support:PermanentStatusCodes has 500: only status codes from 400 to 499 can reject an email permanently.")]
    [InlineData("Webhooks:support:Urls", Url, "Webhooks:support:Urls is not a setting; Webhooks:support has ")]
    [InlineData("Webhooks:sup port:Url", Url,
        "Webhooks:sup port has a name that is not valid: a webhook's name has letters, digits, '-' and '_', at most 50.")]
    [InlineData("Webhooks:Url", Url,
        "Webhooks:Url is no webhook with settings: write Webhooks:NAME:Url for a webhook that you name, or Webhook:Url for the one without "
        + "a name.")]
    public void A_fault_of_a_named_webhook_names_its_setting(string setting, string value, string line) =>
        Assert.StartsWith($"Settings: {line}", Assert.Single(Lines([.. Support, (setting, value)])), StringComparison.Ordinal);

    [Fact]
    public void All_faults_are_reported_at_once() => Assert.Equal(4, Lines(
        ("Webhooks:support:Url", "x"), ("Webhooks:support:Secret", "short"),
        ("Webhooks:sales:Url", "y"), ("Webhooks:sales:Secret", "short")).Count);

    [Fact]
    public void The_timeouts_of_several_webhooks_must_fit_into_an_attempt() => Assert.Equal(
        "Settings: Mailboxes:0:Processor has webhooks whose timeouts are 00:00:35 together: "
            + "they must not be longer than Processing:AttemptTimeout, 00:00:30.",
        Assert.Single(Lines(
        [
            .. Support, ("Webhook:Url", Url), ("Webhooks:support:Timeout", "00:00:25"),
            ("Mailboxes:0:Processor", "webhook,webhook:support"),
        ])));

    [Fact]
    public void The_timeout_of_a_named_webhook_must_fit_into_an_attempt() => Assert.Equal(
        "Settings: Webhooks:support:Timeout is 00:01:00: it must not be longer than Processing:AttemptTimeout, 00:00:30.",
        Assert.Single(Lines([.. Support, ("Webhooks:support:Timeout", "00:01:00"), ("Processing:Processor", "webhook:support")])));

    // The secrets of webhooks are in the consumer's pods only.
    [Fact]
    public void A_process_that_does_not_consume_needs_no_secret()
    {
        (string, string?)[] poller =
        [
            ("Webhooks:support:Url", Url), ("Processing:Processor", "webhook:support"), ("Consumer:Enabled", "false"),
        ];
        Assert.Empty(Lines(poller));
        Assert.NotEmpty(Lines([.. poller, ("Consumer:Enabled", "true")]));
        Assert.NotEmpty(Lines([.. poller, ("Processing:Processor", "webhook:sales")]));
    }

    [Fact]
    public void A_process_that_does_not_poll_needs_only_the_names_of_the_mailboxes()
    {
        (string, string?)[] consumer =
        [
            .. Support, ("Polling:Enabled", "false"),
            ("Mailboxes:0:Username", ""), ("Mailboxes:0:Password", ""), ("Mailboxes:0:Account", "support"),
            ("Mailboxes:0:Processor", "webhook:support"), ("Mailboxes:0:Partition", "another"),
            ("Mailboxes:1:Password", ""),
        ];
        Assert.Empty(Lines(consumer));
        Assert.Equal(
            "Settings: Mailboxes:0 has neither Account nor Username: "
                + "a consumer recognises the emails of a mailbox by its account and folder.",
            Assert.Single(Lines([.. consumer, ("Mailboxes:0:Account", "")])));
        Assert.NotEmpty(Lines([.. consumer, ("Polling:Enabled", "true")]));
    }

    [Theory]
    [InlineData("mx.example.org; spf=pass")]
    [InlineData("mx example")]
    public void An_authentication_server_is_one_name(string value) => Assert.StartsWith(
        $"Settings: Mailboxes:0:AuthenticationServer is '{value}': it must be a name without spaces",
        Assert.Single(Lines(("Mailboxes:0:AuthenticationServer", value))), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "must not be empty")]
    [InlineData(" a", "begin or end with a space")]
    [InlineData("a,b", "must have no ','")]
    [InlineData("a:b", "no ':'")]
    [InlineData("webhook:x", "no ':'")]
    [InlineData("webhook", "not be 'webhook'")]
    [InlineData("Webhook", "not be 'webhook'")]
    public void A_name_of_no_setting_or_of_a_webhook_cannot_be_registered(string name, string says)
    {
        var services = new ServiceCollection();
        var refused = Assert.Throws<ArgumentException>(
            () => services.AddEmailProcessor<EmailIngestion.Processing.IEmailProcessor>(name));
        Assert.StartsWith($"'{name}' is not a name for a processor: it must ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
        Assert.Empty(services);
    }

    private static IReadOnlyList<string> Lines(params (string, string?)[] changes) => Start.Lines(Start.Good(changes));
}
