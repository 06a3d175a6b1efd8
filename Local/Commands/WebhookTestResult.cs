using System.Text.Json;
using System.Text.Json.Serialization;

namespace EmailIngestion.Local.Commands;

/// <summary>The result of a webhook's test.</summary>
/// <param name="Webhook">The processor's name.</param>
/// <param name="Url">The address without its query.</param>
/// <param name="Id">The request's id, in <c>webhook-id</c>.</param>
/// <param name="Milliseconds">The time until the answer or the failure.</param>
/// <param name="Status">The status code of the answer; null without an answer.</param>
/// <param name="Text">The first lines of the answer's text.</param>
/// <param name="Error">The failure; null after a 2xx answer.</param>
/// <param name="Effect">What the answer means for an email.</param>
internal sealed record WebhookTestResult(
    string Webhook, string Url, string Id, long Milliseconds, int? Status, IReadOnlyList<string> Text, string? Error, string Effect)
{
    public void Write(bool asJson)
    {
        if (asJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(this, WebhookTestJson.Default.WebhookTestResult));
            return;
        }

        Console.WriteLine($"Posted a sample email to {Url}");
        Console.WriteLine($"  id      {Id}");
        Console.WriteLine($"  answer  {(Status is { } status ? $"{status}" : "none")} after {Milliseconds} ms");
        foreach (var line in Text)
            Console.WriteLine($"  text    {line}");
        if (Error is not null)
            Console.WriteLine(Error);
        Console.WriteLine(Effect);
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(WebhookTestResult))]
internal sealed partial class WebhookTestJson : JsonSerializerContext;
