using EmailIngestion.Consuming;
using EmailIngestion.Hosting;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Processing;

/// <summary>Runs the webhook processor for one email, with the pipeline of the consumer around it.</summary>
internal static class WebhookHost
{
    public const string Secret = "a secret of enough length";

    public static async Task RunAsync(EmailMessage message, Receiver receiver, params (string Name, string Value)[] changes)
    {
        await using var services = Services(receiver, changes);
        var processor = services.GetRequiredService<ProcessorRunner>();
        var pipeline = services.GetRequiredService<ProcessorGuards>().Of(message.Mailbox).Pipeline;
        await pipeline.ExecuteAsync(
            async token => await processor.RunAsync(new EmailDelivery { Email = message }, token), TestContext.Current.CancellationToken);
    }

    public static ServiceProvider Services(Receiver receiver, params (string Name, string Value)[] changes)
    {
        var settings = new Dictionary<string, string?>
        {
            ["REDIS_HOST"] = "localhost",
            ["Processing:Processor"] = "webhook",
            ["Webhook:Url"] = receiver.Url,
            ["Webhook:Secret"] = Secret,
        };
        foreach (var (name, value) in changes)
            settings[name] = value;
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
        return new ServiceCollection().AddLogging().AddEmailIngestion(configuration).BuildServiceProvider();
    }
}
