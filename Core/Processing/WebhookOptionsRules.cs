namespace EmailIngestion.Processing;

/// <summary>Validates the rules of <see cref="WebhookOptions"/> that attributes cannot express.</summary>
internal static class WebhookOptionsRules
{
    /// <summary>Returns all faults of a webhook's settings. No fault repeats a secret.</summary>
    /// <param name="section">The section of the settings.</param>
    /// <param name="options">The settings.</param>
    public static IEnumerable<string> Faults(string section, WebhookOptions options)
    {
        if (WebhookAddress.Fault(section, options.Url, options.AllowHttp) is { } addressFault)
            yield return addressFault;
        var setting = $"{section}:{nameof(WebhookOptions.Secret)}";
        if (WebhookSecret.Fault(setting, options.Secret) is { } secretFault)
            yield return secretFault;
        if (!string.IsNullOrEmpty(options.PreviousSecret))
        {
            var previous = $"{section}:{nameof(WebhookOptions.PreviousSecret)}";
            if (WebhookSecret.Fault(previous, options.PreviousSecret) is { } previousFault)
                yield return previousFault;
            else if (options.PreviousSecret == options.Secret)
                yield return $"{previous} is the same as {setting}: set the new secret in {setting}, or remove {previous}.";
        }

        foreach (var code in options.PermanentStatusCodes?.Where(code => code is < 400 or > 499) ?? [])
        {
            yield return
                $"{section}:PermanentStatusCodes has {code}: only status codes from 400 to 499 can reject an email permanently.";
        }
    }
}
