using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>The chosen processor exists and has what it needs, and an attempt is given the time that it takes.</summary>
internal sealed class ProcessingOptionsRules(
    IEnumerable<ProcessorRegistration> registrations, IOptions<WebhookOptions> webhook) : IValidateOptions<ProcessingOptions>
{
    public const int MinSecretLength = 16;

    public ValidateOptionsResult Validate(string? name, ProcessingOptions options)
    {
        var names = registrations.Select(registration => registration.Name).ToArray();
        if (!names.Contains(options.Processor, StringComparer.Ordinal))
            return ValidateOptionsResult.Fail(
                $"Processing:Processor is '{options.Processor}'; the processors registered are {string.Join(", ", names)}.");
        if (options.Processor != WebhookProcessor.Name)
            return ValidateOptionsResult.Success;

        var settings = webhook.Value;
        if (!Uri.TryCreate(settings.Url, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
            return ValidateOptionsResult.Fail($"Webhook:Url is '{settings.Url}': the webhook processor needs an absolute http or https address.");
        if (settings.Secret.Length < MinSecretLength)
            return ValidateOptionsResult.Fail($"Webhook:Secret has {settings.Secret.Length} characters: the signature needs {MinSecretLength} at least.");
        if (settings.Secret.StartsWith("whsec_", StringComparison.Ordinal) && !System.Buffers.Text.Base64.IsValid(settings.Secret.AsSpan("whsec_".Length)))
            return ValidateOptionsResult.Fail("Webhook:Secret begins with whsec_ and does not go on in base64.");
        if (settings.Timeout > options.AttemptTimeout)
            return ValidateOptionsResult.Fail(
                $"Webhook:Timeout is {settings.Timeout}, longer than Processing:AttemptTimeout, {options.AttemptTimeout}, which would cut it off.");
        return ValidateOptionsResult.Success;
    }
}

/// <summary>The name of a processor that was registered; the processor itself is the service keyed by it.</summary>
internal sealed record ProcessorRegistration(string Name);
