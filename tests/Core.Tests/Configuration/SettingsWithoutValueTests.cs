using System.Collections;
using System.Reflection;
using System.Text.Json;
using EmailIngestion.Configuration;
using EmailIngestion.Consuming;
using EmailIngestion.Mailboxes;
using EmailIngestion.Processing;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace EmailIngestion.Core.Tests.Configuration;

/// <summary>Tests every setting of every options class with null, which JSON can have, and with an empty text.</summary>
public sealed class SettingsWithoutValueTests
{
    /// <summary>Each options class with the section that the tests bind it to.</summary>
    private static readonly (string Section, Type Type)[] Sections =
    [
        .. typeof(ConsumerOptions).Assembly.GetTypes()
            .Select(type => (Section: type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetValue(null) as string, type))
            .Where(options => options.Section is not null)
            .Select(options => (options.Section!, options.type)),
        ("Mailboxes:0", typeof(MailboxOptions)),
        .. typeof(MailboxOptions).GetProperties().Where(part => StrictBinder.IsSection(part.PropertyType))
            .Select(part => ($"Mailboxes:0:{part.Name}", part.PropertyType)),
        ("Webhooks:support", typeof(WebhookOptions)),
    ];

    // All processors are used, so that the rules of their settings run.
    private static readonly (string, string?)[] Used =
    [
        ("Processing:Processor", "archive,webhook,webhook:support"),
        ("Webhook:Url", "https://example.org"),
        ("Webhooks:support:Url", "https://example.org"),
        ("Webhooks:support:Secret", Start.Secret),
    ];

    private static readonly string[] MustNotBeEmpty =
    [
        "Archive:FileMode", "Archive:FolderMode", "Bodies:FileMode", "Bodies:FolderMode", "Consumer:Name", "Processing:Processor",
        "Telemetry:PrometheusHost",
        "Mailboxes:0:Folder", "Mailboxes:0:Host", "Mailboxes:0:Password", "Mailboxes:0:StartFrom", "Mailboxes:0:Username",
        "Webhook:Secret", "Webhook:Url", "Webhooks:support:Secret", "Webhooks:support:Url",
    ];

    public static TheoryData<string, string> All =>
        [.. Sections.SelectMany(options => Properties(options.Type).Select(property => (options.Section, property.Name)))];

    public static TheoryData<string, string> Lists =>
        [.. Sections.SelectMany(options =>
            Properties(options.Type).Where(IsList).Select(property => (options.Section, property.Name)))];

    [Fact]
    public void The_test_settings_are_good() => Assert.Empty(Start.Lines(Start.Good(Used)));

    [Theory]
    [MemberData(nameof(All))]
    public void A_setting_that_is_null_keeps_its_default(string section, string name)
    {
        var options = Activator.CreateInstance(Sections.Single(one => one.Section == section).Type)!;
        var defaults = Json(options);

        StrictBinder.Bind(Start.Configuration(new() { [$"{section}:{name}"] = null }).GetSection(section), options);

        Assert.Equal(defaults, Json(options));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_start_with_a_setting_that_is_null_is_one_without_it(string section, string name)
    {
        var setting = $"{section}:{name}";
        var without = Start.Good(Used);
        without.Remove(setting);
        var lines = Start.Lines(Start.Good([.. Used, (setting, null)]));
        Assert.Equal(Start.Lines(without), lines);
        Assert.All(lines, line => Assert.StartsWith($"Settings: {setting} ", line, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void An_empty_setting_is_accepted_or_named_in_one_line(string section, string name)
    {
        var setting = $"{section}:{name}";
        var lines = Start.Lines(Start.Good([.. Used, (setting, "")]));
        var property = Sections.Single(one => one.Section == section).Type.GetProperty(name)!;
        if (IsList(property) || (IsText(property) && !MustNotBeEmpty.Contains(setting)))
            Assert.Empty(lines);
        else
            Assert.StartsWith($"Settings: {setting} ", Assert.Single(lines), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void An_item_of_a_list_that_is_null_ends_the_start(string section, string name) => Assert.Equal(
        $"Settings: {section}:{name}:0 has no value: give it one, or remove it.",
        Assert.Single(Start.Lines(Start.Good([.. Used, ($"{section}:{name}:0", null), ($"{section}:{name}:1", "401")]))));

    [Theory]
    [MemberData(nameof(Lists))]
    public void An_item_of_a_list_that_is_empty_ends_the_start(string section, string name) => Assert.StartsWith(
        $"Settings: {section}:{name}",
        Assert.Single(Start.Lines(Start.Good([.. Used, ($"{section}:{name}:0", "")]))),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("Mailboxes", null)]
    [InlineData("Mailboxes", "")]
    [InlineData("Webhooks", null)]
    [InlineData("Webhooks", "")]
    [InlineData("Consumer", null)]
    [InlineData("Logging", null)]
    public void A_section_without_anything_is_accepted(string section, string? value) =>
        Assert.Empty(Start.Lines(new() { ["REDIS_HOST"] = "localhost", [section] = value }));

    [Theory]
    [InlineData("Mailboxes:2", "Mailboxes:2:Username is missing.")]
    [InlineData("Webhooks:support", "Webhooks:support:Url is '': it must be an absolute http or https address.")]
    public void An_item_without_settings_is_named_in_the_first_line(string section, string line) =>
        Assert.Equal($"Settings: {line}", Start.Lines(Start.Good((section, null)))[0]);

    [Theory]
    [InlineData("REDIS_PORT")]
    [InlineData("REDIS_PASSWORD")]
    [InlineData("REDIS_MAX_STREAM_LENGTH")]
    public void A_setting_of_the_former_system_may_be_null_or_empty(string setting)
    {
        Assert.Empty(Start.Lines(Start.Good((setting, null))));
        Assert.Empty(Start.Lines(Start.Good((setting, ""))));
    }

    [Fact]
    public void A_null_in_a_JSON_file_is_no_value()
    {
        using var json = new MemoryStream("""{"Archive": {"Folder": null, "Container": null, "FileMode": null}}"""u8.ToArray());
        var options = new ArchiveOptions();
        StrictBinder.Bind(new ConfigurationBuilder().AddJsonStream(json).Build().GetSection("Archive"), options);
        Assert.Equal(Json(new ArchiveOptions()), Json(options));
    }

    // A property of another kind needs a rule for null and for an empty text first.
    [Theory]
    [MemberData(nameof(All))]
    public void A_setting_has_a_type_with_a_rule_for_no_value(string section, string name)
    {
        var type = Sections.Single(one => one.Section == section).Type.GetProperty(name)!.PropertyType;
        type = type != typeof(string) && type.IsGenericType ? type.GetGenericArguments()[0] : type;
        Assert.True(
            type.IsEnum || type == typeof(TimeSpan)
            || Type.GetTypeCode(Nullable.GetUnderlyingType(type) ?? type)
                is TypeCode.String or TypeCode.Boolean or TypeCode.Int32 or TypeCode.Int64 or TypeCode.Double);
    }

    private static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => !StrictBinder.IsSection(property.PropertyType));

    private static bool IsText(PropertyInfo property) => property.PropertyType == typeof(string);

    private static bool IsList(PropertyInfo property) => !IsText(property) && property.PropertyType.IsAssignableTo(typeof(IEnumerable));

    private static string Json(object options) => JsonSerializer.Serialize(options, options.GetType());
}
