using System.CommandLine;

namespace EmailIngestion.Local.Commands;

/// <summary>The command <c>webhook</c> and its flags.</summary>
internal static class WebhookCommand
{
    public static Command Create()
    {
        var name = new Option<string?>("--name")
        {
            Description = "The webhook's name: NAME of Webhooks:NAME. Default: that of section Webhook.",
        };
        var json = new Option<bool>("--json") { Description = "Writes the result as JSON." };
        var test = new Command("test", "Posts a sample email to a webhook and shows the answer. The exit code is 0 after a 2xx answer.")
        {
            name, json,
        };
        test.SetAction((parse, token) => TestWebhook.RunAsync(CommandOptions.Read(parse), parse.GetValue(name), parse.GetValue(json), token));
        return new Command("webhook", "Works with the webhooks of the settings.") { test };
    }
}
