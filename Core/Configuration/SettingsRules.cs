using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace EmailIngestion.Configuration;

/// <summary>Checks the validation attributes of an object of settings. Its messages name the setting and its value.</summary>
internal static class SettingsRules
{
    /// <summary>Returns a line for each setting that is not valid.</summary>
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
