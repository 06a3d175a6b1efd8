using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>
/// Validates that the selected processor exists, that its settings are complete, and that its timeout fits into an attempt.
/// </summary>
internal sealed class ProcessingOptionsRules(
    IEnumerable<ProcessorRegistration> registrations, IOptions<WebhookOptions> webhook) : IValidateOptions<ProcessingOptions>
{
    // Slow answers of DNS take up to 10 seconds of it.
    private static readonly TimeSpan ShortestWithDkim = TimeSpan.FromSeconds(15);

    public ValidateOptionsResult Validate(string? name, ProcessingOptions options)
    {
        var names = registrations.Select(registration => registration.Name).ToArray();
        if (!names.Contains(options.Processor, StringComparer.Ordinal))
            return ValidateOptionsResult.Fail(
                $"Processing:Processor is '{options.Processor}'; the registered processors are {string.Join(", ", names)}.");
        if (options.VerifyDkim && options.AttemptTimeout < ShortestWithDkim)
            return ValidateOptionsResult.Fail(
                "Processing:VerifyDkim is true: "
                + $"Processing:AttemptTimeout must be at least {ShortestWithDkim}, and is {options.AttemptTimeout}.");
        if (options.Processor != WebhookProcessor.Name)
            return ValidateOptionsResult.Success;

        var settings = webhook.Value;
        if (WebhookAddress.Fault(settings.Url, settings.AllowHttp) is { } addressFault)
            return ValidateOptionsResult.Fail(addressFault);
        if (WebhookSecret.Fault(settings.Secret) is { } secretFault)
            return ValidateOptionsResult.Fail(secretFault);
        foreach (var code in settings.PermanentStatusCodes?.Where(code => code is < 400 or > 499) ?? [])
        {
            return ValidateOptionsResult.Fail(
                $"Webhook:PermanentStatusCodes has {code}: only status codes from 400 to 499 can reject an email permanently.");
        }

        if (settings.Timeout > options.AttemptTimeout)
            return ValidateOptionsResult.Fail(
                $"Webhook:Timeout is {settings.Timeout}: it must not be longer than Processing:AttemptTimeout, {options.AttemptTimeout}.");
        return ValidateOptionsResult.Success;
    }
}
