using EmailIngestion.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Core.Tests.Configuration;

/// <summary>Starts a process as far as the check of its settings.</summary>
internal static class Start
{
    public const string Password = "hunter2-never-shown";

    public const string Secret = $"{Password}-either";

    /// <summary>The lines that the start prints before it stops; empty when the settings are good.</summary>
    public static IReadOnlyList<string> Lines(Dictionary<string, string?> settings)
    {
        try
        {
            Services(settings).GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (Exception e) when (IngestionHost.Explain(e) is { } lines)
        {
            return lines;
        }
    }

    public static ServiceProvider Services(Dictionary<string, string?> settings) =>
        new ServiceCollection().AddLogging().AddEmailIngestion(Configuration(settings)).BuildServiceProvider();

    public static IConfiguration Configuration(Dictionary<string, string?> settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings).Build();

    /// <summary>Good settings: two mailboxes, a Redis, and all passwords.</summary>
    public static Dictionary<string, string?> Good(params (string Name, string? Value)[] changes)
    {
        var settings = new Dictionary<string, string?>
        {
            ["REDIS_HOST"] = "localhost",
            ["REDIS_PASSWORD"] = Password,
            ["Webhook:Secret"] = Secret,
            ["Mailboxes:0:Username"] = "ann@example.org",
            ["Mailboxes:0:Password"] = Password,
            ["Mailboxes:1:Username"] = "bob@example.org",
            ["Mailboxes:1:Password"] = Password,
        };
        foreach (var (name, value) in changes)
            settings[name] = value;
        return settings;
    }
}
