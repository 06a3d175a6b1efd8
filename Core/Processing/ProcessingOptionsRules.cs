using EmailIngestion.Messages;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>
/// Validates that the selected processors exist, that the settings of the webhooks are complete, and that their timeouts fit into an
/// attempt.
/// </summary>
internal sealed class ProcessingOptionsRules(
    IEnumerable<ProcessorRegistration> registrations, IOptionsMonitor<WebhookOptions> webhooks) : IValidateOptions<ProcessingOptions>
{
    // Slow answers of DNS take up to 10 seconds of it.
    private static readonly TimeSpan ShortestWithDkim = TimeSpan.FromSeconds(15);

    // iCloud has five names, of at most 255 characters each as host names.
    private const int MaxServerName = 2_000;

    public ValidateOptionsResult Validate(string? name, ProcessingOptions options)
    {
        var failures = Faults(options, options.Mailboxes);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>Returns the faults of the settings with these routes.</summary>
    public IReadOnlyList<string> Faults(ProcessingOptions options, IReadOnlyList<MailboxRoute> routes)
    {
        var known = registrations.Select(registration => registration.Name).Distinct(StringComparer.Ordinal).ToArray();
        var lists = Lists(options, routes).ToArray();
        var failures = lists.Select(list => ProcessorNames.Fault(list.Setting, list.Text, known)).OfType<string>().ToList();
        failures.AddRange(ServerFaults(routes));
        if (options.VerifyDkim && options.AttemptTimeout < ShortestWithDkim)
        {
            failures.Add(
                "Processing:VerifyDkim is true: "
                + $"Processing:AttemptTimeout must be at least {ShortestWithDkim}, and is {options.AttemptTimeout}.");
        }

        // A wrong name would be reported again by the rules below.
        if (failures.Count == 0 && options.RunsHere)
        {
            var used = lists.Select(list => (list.Setting, Names: ProcessorNames.Read(list.Text, known))).ToArray();
            failures.AddRange(WebhookFaults(known, used.SelectMany(list => list.Names)));
            failures.AddRange(used.Select(list => TimeoutFault(list.Setting, list.Names, options)).OfType<string>());
        }

        return [.. failures.Distinct()];
    }

    private static IEnumerable<(string Setting, string Text)> Lists(ProcessingOptions options, IReadOnlyList<MailboxRoute> routes)
    {
        // The attribute reports a missing one.
        if (!string.IsNullOrWhiteSpace(options.Processor))
            yield return (ProcessingOptions.ProcessorSetting, options.Processor);
        foreach (var route in routes)
        {
            if (!string.IsNullOrWhiteSpace(route.Processor))
                yield return (route.ProcessorSetting, route.Processor);
        }
    }

    private static IEnumerable<string> ServerFaults(IReadOnlyList<MailboxRoute> routes) =>
        from route in routes
        let server = route.AuthenticationServer
        where server is { Length: > 0 } && (server.Length > MaxServerName || !AreNames(server))
        select $"{route.Setting}:AuthenticationServer is '{BoundedText.Line(server, 100)}': it must be a name without spaces and "
            + $"';', at most {MaxServerName} characters, such as mx.example.org.";

    private static bool AreNames(string servers) =>
        servers.Split(',', StringSplitOptions.TrimEntries).All(server => server.Length > 0 && !server.Any(IsNoNameCharacter));

    private static bool IsNoNameCharacter(char character) => char.IsWhiteSpace(character) || char.IsControl(character) || character == ';';

    // Every named webhook is checked, and that of section Webhook if it is used.
    private IEnumerable<string> WebhookFaults(string[] known, IEnumerable<string> used) =>
        known.Where(WebhookNames.IsNamed).Union(used.Where(WebhookNames.IsWebhook), StringComparer.Ordinal)
            .SelectMany(processor => WebhookOptionsRules.Faults(WebhookNames.SectionOf(processor), Of(processor)));

    // The processors of one email share the time of an attempt.
    private string? TimeoutFault(string setting, IReadOnlyList<string> names, ProcessingOptions options)
    {
        var webhook = names.Where(WebhookNames.IsWebhook).ToArray();
        var sum = webhook.Aggregate(TimeSpan.Zero, (time, processor) => time + Of(processor).Timeout);
        if (sum <= options.AttemptTimeout)
            return null;
        return webhook.Length == 1
            ? $"{WebhookNames.SectionOf(webhook[0])}:Timeout is {sum}: "
                + $"it must not be longer than Processing:AttemptTimeout, {options.AttemptTimeout}."
            : $"{setting} has webhooks whose timeouts are {sum} together: "
                + $"they must not be longer than Processing:AttemptTimeout, {options.AttemptTimeout}.";
    }

    private WebhookOptions Of(string processor) => webhooks.Get(WebhookNames.OptionsOf(processor));
}
