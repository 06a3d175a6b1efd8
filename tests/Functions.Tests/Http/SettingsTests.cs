using System.Reflection;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Operations.Status;
using EmailIngestion.Processing;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

public sealed class SettingsTests(TestRedis redis)
{
    private const string Canary = "canary-6b1f";

    [Fact]
    public async Task The_settings_in_force_are_shown_with_what_is_a_default()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString, settings => settings["Consumer:Concurrency"] = "7");
        var settings = await ReadAsync(host);
        Assert.Equal(("7", false, false), settings["Consumer:Concurrency"]);
        Assert.Equal(("00:01:00", true, false), settings["Consumer:Lease"]);
        Assert.Equal((host.Partition.Name, false, false), settings["Streams:Partitions"]);
        Assert.Equal(("***", false, true), settings["Streams:ConnectionString"]);
        Assert.Equal((null, true, true), settings["Streams:SentinelPassword"]);
    }

    [Fact]
    public async Task Each_section_and_the_schedule_of_the_timer_are_shown()
    {
        await using var host = await TestHost.StartAsync(
            redis.ConnectionString, settings => settings["POLL_SCHEDULE"] = "*/7 * * * * *");
        var settings = await ReadAsync(host);
        var sections = typeof(StreamOptions).Assembly.GetTypes()
            .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal))
            .Select(type => type.GetField("Section", BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(field => field is { IsLiteral: true })
            .Select(field => (string)field!.GetRawConstantValue()!)
            .ToArray();
        Assert.Contains("Operations", sections);
        Assert.All(
            sections, section => Assert.Contains(settings.Keys, name => name.StartsWith($"{section}:", StringComparison.Ordinal)));
        Assert.Equal(("*/7 * * * * *", false, false), settings["POLL_SCHEDULE"]);
    }

    // The real options of each type: a new property is hidden unless it is on the list.
    [Fact]
    public async Task No_text_that_is_not_on_the_list_is_ever_shown()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString, settings =>
        {
            settings["Polling:Enabled"] = "false";
            settings["Mailboxes:0:Username"] = "ann@example.org";
            settings["Mailboxes:0:Password"] = Canary;
            settings["Mailboxes:0:Partition"] = settings["Streams:Partitions:0"];
            settings["Webhooks:crm:Url"] = $"https://example.org/{Canary}?key={Canary}";
            settings["Webhooks:crm:Secret"] = $"{Canary}-{Canary}-{Canary}";
        });
        var planted = 0;
        foreach (var options in new object[]
        {
            host.Services.GetRequiredService<IOptions<ArchiveOptions>>().Value,
            host.Services.GetRequiredService<IOptions<WebhookOptions>>().Value,
            host.Services.GetRequiredService<MailboxList>().Current[0],
            host.Services.GetRequiredService<MailboxList>().Current[0].Microsoft,
            host.Services.GetRequiredService<MailboxList>().Current[0].Google,
            host.Services.GetRequiredService<MailboxList>().Current[0].OAuth,
        })
            planted += Plant(options);
        // Last, since Redis is reached by it.
        var streams = host.Services.GetRequiredService<IOptions<StreamOptions>>().Value;
        (streams.SentinelPassword, streams.User, streams.ClientCertificateKey) = (Canary, Canary, Canary);
        Assert.True(planted > 15, $"{planted} planted");

        using var response = await host.SendAsync(HttpMethod.Get, "settings");
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(Canary, text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(("***", false, true), (await ReadAsync(host))["Webhooks:crm:Secret"]);
    }

    [Theory]
    [InlineData(typeof(WebhookOptions), nameof(WebhookOptions.Secret))]
    [InlineData(typeof(WebhookOptions), nameof(WebhookOptions.Url))]
    [InlineData(typeof(MailboxOptions), nameof(MailboxOptions.Password))]
    [InlineData(typeof(StreamOptions), nameof(StreamOptions.ConnectionString))]
    [InlineData(typeof(StreamOptions), nameof(StreamOptions.ClientCertificateKey))]
    public void Secrets_are_not_on_the_list(Type options, string property) =>
        Assert.True(IngestionSettings.IsSecret(options.GetProperty(property)!));

    private static int Plant(object options)
    {
        var count = 0;
        foreach (var property in options.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            if (property.PropertyType != typeof(string) || !property.CanWrite || !IngestionSettings.IsSecret(property))
                continue;
            property.SetValue(options, Canary);
            count++;
        }

        return count;
    }

    private static async Task<Dictionary<string, (string? Value, bool IsDefault, bool IsSecret)>> ReadAsync(TestHost host) =>
        (await host.GetJsonAsync("settings")).GetProperty("settings").EnumerateArray().ToDictionary(
            setting => setting.GetProperty("name").GetString()!,
            setting => (
                setting.GetProperty("value").ValueKind == JsonValueKind.Null ? null : setting.GetProperty("value").GetString(),
                setting.GetProperty("isDefault").GetBoolean(),
                setting.GetProperty("isSecret").GetBoolean()));
}
