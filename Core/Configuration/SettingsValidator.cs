using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Configuration;

/// <summary>
/// The attributes' rules, told by the setting's name and value. (Generated validators name the options class, which is not what people
/// write into their settings.)
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
                if (rule.GetValidationResult(value, new ValidationContext(options) { MemberName = property.Name }) == ValidationResult.Success)
                    continue;
                var setting = $"{section}:{property.Name}";
                yield return rule switch
                {
                    RequiredAttribute => $"{setting} is missing{(rule.ErrorMessage is { } hint ? $": {hint}" : ".")}",
                    RangeAttribute range => $"{setting} is {Text(value)}: it must be between {range.Minimum} and {range.Maximum}{Hint(value)}.",
                    StringLengthAttribute length => $"{setting} has more than {length.MaximumLength} characters.",
                    _ => $"{setting} is {Text(value)}: {rule.ErrorMessage}",
                };
            }
        }
    }

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    private static string Hint(object? value) => value is TimeSpan ? " (a time is written hh:mm:ss, or d.hh:mm:ss; a number alone counts days)" : "";
}
