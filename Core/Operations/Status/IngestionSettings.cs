using System.Collections;
using System.Globalization;
using System.Reflection;

namespace EmailIngestion.Operations.Status;

/// <summary>
/// Shows the settings in force. Numbers, times, switches and choices are shown, and the texts of a list. Every other text counts as a
/// secret: a new setting is hidden until somebody adds it to the list.
/// </summary>
public sealed class IngestionSettings
{
    private const string Hidden = "***";

    // Names, folders and places that no secret belongs in. Addresses are not among them: a URL may hold a key.
    private static readonly HashSet<string> Shown = new(StringComparer.Ordinal)
    {
        "ArchiveOptions.FileMode", "ArchiveOptions.Folder", "ArchiveOptions.FolderMode", "BodiesOptions.FileMode", "BodiesOptions.Folder",
        "BodiesOptions.FolderMode", "ConsumerOptions.Name", "MailboxOptions.Account", "MailboxOptions.AuthenticationServer",
        "MailboxOptions.CertificateAuthority", "MailboxOptions.Folder", "MailboxOptions.Host", "MailboxOptions.Partition",
        "MailboxOptions.Processor", "MailboxOptions.SaslMechanism", "MailboxOptions.StartFrom", "MailboxOptions.Username",
        "PollingOptions.HintFolder", "PollingOptions.KeyFolder", "PollTimerOptions.Schedule", "ProcessingOptions.Processor",
        "StreamOptions.CertificateAuthority", "StreamOptions.Partitions", "TelemetryOptions.PrometheusHost",
    };

    private readonly Func<IEnumerable<SettingsSection>> _sections;

    internal IngestionSettings(Func<IEnumerable<SettingsSection>> sections) => _sections = sections;

    /// <summary>Reads all settings, ordered by name.</summary>
    public IReadOnlyList<SettingReport> Read() =>
    [
        .. _sections().SelectMany(Of)
            .OrderBy(setting => setting.Name, StringComparer.Ordinal),
    ];

    /// <summary>The settings of an object that are texts and not shown.</summary>
    internal static bool IsSecret(PropertyInfo property) =>
        IsText(property.PropertyType) && !Shown.Contains($"{property.DeclaringType!.Name}.{property.Name}");

    private static IEnumerable<SettingReport> Of(SettingsSection section)
    {
        var settings = Of(section.Name, section.Options, Activator.CreateInstance(section.Options.GetType())!);
        return section.Property is not { } property
            ? settings
            : settings
                .Where(setting => setting.Name == $"{section.Name}:{property}")
                .Select(setting => setting with { Name = section.Name });
    }

    private static IEnumerable<SettingReport> Of(string name, object options, object defaults)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            var (value, standard) = (property.GetValue(options), property.GetValue(defaults));
            var setting = $"{name}:{property.Name}";
            if (value is not null && standard is not null && IsGroup(property.PropertyType))
            {
                foreach (var inner in Of(setting, value, standard))
                    yield return inner;
                continue;
            }

            var (text, isDefault, isSecret) = (Text(value), Text(value) == Text(standard), IsSecret(property));
            yield return new SettingReport(setting, isSecret && text is not null ? Hidden : text, isDefault, isSecret);
        }
    }

    private static bool IsGroup(Type type) => type.Assembly == typeof(IngestionSettings).Assembly && type.IsClass;

    // Whatever is not known to hold no text counts as one.
    private static bool IsText(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return !(plain.IsPrimitive || plain.IsEnum || plain == typeof(TimeSpan) || plain == typeof(IReadOnlyList<int>));
    }

    private static string? Text(object? value) => value switch
    {
        null or "" => null,
        string text => text,
        IEnumerable list => string.Join(',', list.Cast<object>().Select(Text)) is { Length: > 0 } joined ? joined : null,
        bool isOn => isOn ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
