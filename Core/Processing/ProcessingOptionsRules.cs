using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>The chosen processor exists and has what it needs, and an attempt is given the time that it takes.</summary>
internal sealed class ProcessingOptionsRules(
    IEnumerable<ProcessorRegistration> registrations, IOptions<WebhookOptions> webhook) : IValidateOptions<ProcessingOptions>
{
    public ValidateOptionsResult Validate(string? name, ProcessingOptions options)
    {
        var names = registrations.Select(registration => registration.Name).ToArray();
        if (!names.Contains(options.Processor, StringComparer.Ordinal))
            return ValidateOptionsResult.Fail(
                $"Processing:Processor is '{options.Processor}'; the processors registered are {string.Join(", ", names)}.");
        if (options.Processor != WebhookProcessor.Name)
            return ValidateOptionsResult.Success;

        var settings = webhook.Value;
        if (WebhookAddress.Fault(settings.Url, settings.AllowHttp) is { } addressFault)
            return ValidateOptionsResult.Fail(addressFault);
        if (WebhookSecret.Fault(settings.Secret) is { } secretFault)
            return ValidateOptionsResult.Fail(secretFault);
        foreach (var code in settings.PermanentStatusCodes?.Where(code => code is < 400 or > 499) ?? [])
            return ValidateOptionsResult.Fail($"Webhook:PermanentStatusCodes has {code}: only answers from 400 to 499 may refuse an email for good.");
        if (settings.Timeout > options.AttemptTimeout)
            return ValidateOptionsResult.Fail(
                $"Webhook:Timeout is {settings.Timeout}, longer than Processing:AttemptTimeout, {options.AttemptTimeout}, which would cut it off.");
        return ValidateOptionsResult.Success;
    }
}
