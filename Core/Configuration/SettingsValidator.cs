using Microsoft.Extensions.Options;

namespace EmailIngestion.Configuration;

/// <summary>
/// Checks the validation attributes of options. Generated validators name the options class, which people do not write into their settings;
/// the messages of <see cref="SettingsRules"/> name the setting.
/// </summary>
internal sealed class SettingsValidator<TOptions>(string section) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var failures = SettingsRules.Failures(options, section).ToArray();
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
