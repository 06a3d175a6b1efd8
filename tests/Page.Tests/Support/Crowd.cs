using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace EmailIngestion.Page.Tests.Support;

/// <summary>A status of 300 mailboxes: 30 parked, one that backs off, one of a hostile name.</summary>
internal static class Crowd
{
    public const string Hostile = "\u202e<img src=x onerror=alert(1)>@example.org/INBOX";

    /// <summary>Starts a visit whose process has that status.</summary>
    /// <param name="chromium">The browser.</param>
    /// <param name="pipeline">The process.</param>
    /// <param name="change">Changes each mailbox of each answer.</param>
    public static async Task<Visit> VisitAsync(Chromium chromium, Pipeline pipeline, Action<JsonNode>? change = null)
    {
        var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.Page.RouteAsync("**/api/status", async route =>
        {
            var answer = await route.FetchAsync();
            var status = JsonNode.Parse(await answer.TextAsync())!;
            JsonNode[] mailboxes = [.. Enumerable.Range(0, 300).Select(Mailbox)];
            foreach (var mailbox in mailboxes)
                change?.Invoke(mailbox);
            status["partitions"]![0]!["dlqDepth"] = 12_001;
            status["partitions"]![0]!["mailboxes"] = new JsonArray(mailboxes);
            await AnswerAsync(route, status.ToJsonString());
        });
        return visit;
    }

    public static Task AnswerAsync(IRoute route, string json) =>
        route.FulfillAsync(new RouteFulfillOptions { ContentType = "application/json", Body = json });

    private static JsonNode Mailbox(int number)
    {
        var (isParked, isBackingOff) = (number % 10 == 5, number == 7);
        return JsonSerializer.SerializeToNode(new Dictionary<string, object?>
        {
            ["name"] = number == 3 ? Hostile : $"team{number:000}@example.org/INBOX",
            ["lastUid"] = number,
            ["lastSuccess"] = "2026-01-02T00:00:00Z",
            ["parked"] = isParked,
            ["error"] = isParked ? "AADSTS7000215: Invalid client secret provided." : isBackingOff ? "[THROTTLED] Slow down" : null,
            ["state"] = isParked ? "parked" : isBackingOff ? "backing off" : "watching",
            ["stateText"] = "As the last poll said.",
            ["until"] = isParked || isBackingOff ? "2099-01-02T03:04:00Z" : null,
            ["behind"] = 0,
        })!;
    }
}
