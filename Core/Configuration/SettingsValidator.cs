using Microsoft.Extensions.Options;

namespace EmailIngestion.Configuration;

/// <summary>
/// Checks the validation attributes of options. Generated validators name the options class, which people do not write into their settings;
/// the messages of <see cref="SettingsRules"/> name the setting.
/// </summary>
/// <param name="section">The section of the settings, for the messages.</param>
/// <param name="optionsName">The name of the options. Default: the unnamed ones.</param>
internal sealed class SettingsValidator<TOptions>(string section, string optionsName = "") : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        if (name is not null && name != optionsName)
            return ValidateOptionsResult.Skip;
        var failures = SettingsRules.Failures(options, section).ToArray();
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
