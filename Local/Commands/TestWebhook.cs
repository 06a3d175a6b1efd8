using EmailIngestion.Configuration;
using EmailIngestion.Hosting;
using EmailIngestion.Messages;
using EmailIngestion.Processing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Local.Commands;

/// <summary>Posts a sample email to a webhook as the consumer would, without Redis, and shows the answer.</summary>
internal static class TestWebhook
{
    private const int MaxLines = 5;
    private const int MaxLine = 120;

    public static async Task<int> RunAsync(CommandSettings command, string? name, bool json, CancellationToken cancellationToken)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(command.Settings.Values).Build();
        await using var services = new ServiceCollection().AddLogging().AddEmailIngestion(configuration).BuildServiceProvider();
        var processor = Find(services, name);
        var section = WebhookNames.SectionOf(processor);
        var options = services.GetRequiredService<IOptionsMonitor<WebhookOptions>>().Get(WebhookNames.OptionsOf(processor));
        if (WebhookOptionsRules.Faults(section, options).ToArray() is { Length: > 0 } faults)
            throw new OptionsValidationException(processor, typeof(WebhookOptions), faults);

        var time = services.GetRequiredService<TimeProvider>();
        var webhook = (WebhookProcessor)services.GetRequiredKeyedService<IEmailProcessor>(processor);
        var email = SampleEmail.At(time.GetUtcNow());
        var started = time.GetTimestamp();
        WebhookReply? reply = null;
        Exception? failure;
        try
        {
            reply = await webhook.PostAsync(email, readsText: true, cancellationToken);
            failure = reply.IsSuccess ? null : WebhookAnswer.Failure(reply, section, options);
        }
        catch (TransientFailureException e)
        {
            failure = e;
        }

        new WebhookTestResult(
            processor,
            new Uri(options.Url).GetLeftPart(UriPartial.Path),
            email.Id.ToString(),
            (long)time.GetElapsedTime(started).TotalMilliseconds,
            (int?)reply?.Status,
            Lines(reply?.Text ?? ""),
            failure?.Message,
            Effect(failure, section)).Write(json);
        return failure is null ? 0 : 1;
    }

    private static string Find(ServiceProvider services, string? name)
    {
        var wanted = WebhookNames.ProcessorOf(name);
        var known = services.GetServices<ProcessorRegistration>().Select(registration => registration.Name).ToArray();
        if (ProcessorNames.Fault("--name", wanted, known) is null)
            return ProcessorNames.Read(wanted, known)[0];
        var named = known.Where(WebhookNames.IsNamed).Select(WebhookNames.OptionsOf).ToArray();
        throw new SettingsException(
            $"--name: there is no section {WebhookNames.NamedSection}:{BoundedText.Line(name!)}; "
            + (named.Length == 0 ? "no webhook has a name." : $"the named webhooks are {string.Join(", ", named)}."));
    }

    private static string[] Lines(string text) =>
        [.. BoundedText.Lines(text, WebhookText.MaxBytes).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Take(MaxLines).Select(line => BoundedText.Line(line, MaxLine))];

    private static string Effect(Exception? failure, string section) => failure switch
    {
        null => "The webhook works: with this answer an email is completed.",
        PermanentFailureException =>
            $"With this answer an email becomes a dead letter ({section}:PermanentStatusCodes). "
            + "If the receiver is wrong to refuse it, correct the receiver, and replay the dead letters.",
        TransientFailureException { RefusesAll: true } =>
            "With this answer emails wait, uncounted for a day. Correct the settings or the receiver, and test again.",
        _ => "With this failure emails are retried. Check the address, the network and the receiver's log, and test again.",
    };
}
