using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Configuration;

/// <summary>
/// Checks the validation attributes of options. Its messages name the setting and its value. (Generated validators name the options class,
/// which people do not write into their settings.)
/// </summary>
internal sealed class SettingsValidator<TOptions>(string section) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        var failures = SettingsValidator.Failures(options, section).ToArray();
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}

internal static class SettingsValidator
{
    public static IEnumerable<string> Failures(object options, string section)
    {
        foreach (var property in options.GetType().GetProperties())
        {
            var value = property.GetValue(options);
            foreach (var rule in property.GetCustomAttributes(inherit: true).OfType<ValidationAttribute>())
            {
                var context = new ValidationContext(options) { MemberName = property.Name };
                if (rule.GetValidationResult(value, context) == ValidationResult.Success)
                    continue;
                var setting = $"{section}:{property.Name}";
                yield return rule switch
                {
                    RequiredAttribute => $"{setting} is missing{(rule.ErrorMessage is { } hint ? $": {hint}" : ".")}",
                    RangeAttribute range =>
                        $"{setting} is {Text(value)}: it must be between {range.Minimum} and {range.Maximum}{Hint(value)}.",
                    StringLengthAttribute length => $"{setting} has more than {length.MaximumLength} characters.",
                    _ => $"{setting} is {Text(value)}: {rule.ErrorMessage}",
                };
            }
        }
    }

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static string Hint(object? value) =>
        value is TimeSpan ? " (a time is written hh:mm:ss or d.hh:mm:ss; a number alone means days)" : "";
}
