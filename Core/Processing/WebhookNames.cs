using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>
/// The names of webhooks: <c>webhook</c> has the settings of section <c>Webhook</c>, <c>webhook:support</c> those of section
/// <c>Webhooks:support</c>.
/// </summary>
internal static partial class WebhookNames
{
    /// <summary>The processor of section <c>Webhook</c>.</summary>
    public const string Unnamed = "webhook";

    /// <summary>The section of the named webhooks.</summary>
    public const string NamedSection = "Webhooks";

    private const string Prefix = Unnamed + ":";

    /// <summary>Whether a name is a valid name of a webhook: letters, digits, <c>-</c> and <c>_</c>, at most 50.</summary>
    public static bool IsValid(string name) => Valid().IsMatch(name);

    public static bool IsWebhook(string processor) => processor == Unnamed || IsNamed(processor);

    public static bool IsNamed(string processor) => processor.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the processor of a webhook; without a name that of section <c>Webhook</c>.</summary>
    public static string ProcessorOf(string? name) => string.IsNullOrEmpty(name) ? Unnamed : Prefix + name;

    /// <summary>Returns the name of the options of a webhook's processor.</summary>
    public static string OptionsOf(string processor) => processor == Unnamed ? Options.DefaultName : processor[Prefix.Length..];

    /// <summary>Returns the section of a webhook's processor.</summary>
    public static string SectionOf(string processor) =>
        processor == Unnamed ? WebhookOptions.Section : $"{NamedSection}:{OptionsOf(processor)}";

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,50}\z")]
    private static partial Regex Valid();
}
