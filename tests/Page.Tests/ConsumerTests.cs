using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace EmailIngestion.Page.Tests;

public sealed class ConsumerTests(Chromium chromium, Servers servers)
{
    private const string Own = """
        {"entryId":"1700000000000-0","consumer":"own#1","mailbox":"ann@example.org/INBOX","uid":41,"subject":"Invoice 41",
        "ageSeconds":12.5,"idleSeconds":2.5,"deliveryCount":1}
        """;

    private const string Other = """
        {"entryId":"1700000000001-0","consumer":"other#2","mailbox":"bob@example.org/INBOX","uid":42,
        "subject":"\u202e<img src=x onerror=alert(1)>","ageSeconds":90,"idleSeconds":3,"deliveryCount":2}
        """;

    private const string Waiting = """
        {"entryId":"1700000000002-0","consumer":"(retry)","mailbox":null,"uid":null,"subject":null,
        "ageSeconds":300,"idleSeconds":30,"deliveryCount":3}
        """;

    [Fact]
    public async Task What_all_consumers_have_in_work_is_shown_and_can_be_narrowed_to_one()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.Page.RouteAsync("**/api/deliveries?*", route => Crowd.AnswerAsync(
            route,
            route.Request.Url.Contains("consumer=", StringComparison.Ordinal)
                ? $$"""{"deliveries":[{{Other}}],"after":null}"""
                : $$"""{"deliveries":[{{Own}},{{Other}},{{Waiting}}],"after":null}"""));
        await visit.OpenAsync(pipeline.Key, "consumers");

        var table = visit.Main.GetByRole(AriaRole.Table, new() { Name = "In work" });
        await Assertions.Expect(table.GetByRole(AriaRole.Row)).ToHaveCountAsync(4);
        await Assertions.Expect(table).ToContainTextAsync("bob@example.org/INBOX");
        await Assertions.Expect(table).ToContainTextAsync("⟨U+202E⟩<img src=x onerror=alert(1)>");
        await Assertions.Expect(table).ToContainTextAsync("waits for its next run");
        await visit.ShootAsync("consumers");

        await visit.GoAsync($"consumers/{Uri.EscapeDataString("other#2")}");
        await Assertions.Expect(table.GetByRole(AriaRole.Row)).ToHaveCountAsync(2);
        await Assertions.Expect(visit.Main.GetByRole(AriaRole.Heading, new() { Name = "In work: other#2" })).ToBeVisibleAsync();
        await visit.Main.GetByRole(AriaRole.Link, new() { Name = "All consumers" }).ClickAsync();
        await Assertions.Expect(table.GetByRole(AriaRole.Row)).ToHaveCountAsync(4);
        visit.AssertClean();
    }

    [Theory]
    [InlineData("constructor")]
    [InlineData("__proto__")]
    [InlineData("toString")]
    public async Task A_name_that_each_object_of_a_script_has_is_a_name(string name)
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.Page.RouteAsync("**/api/deliveries?*", route => Crowd.AnswerAsync(
            route, $$"""{"deliveries":[{{Own.Replace("own#1", name, StringComparison.Ordinal)}}],"after":null}"""));
        await visit.Page.RouteAsync("**/api/jobs?*", route => Crowd.AnswerAsync(
            route,
            $$"""
            {"jobs":[{"id":"1","kind":"{{name}}","state":"{{name}}","filter":"{\"{{name}}\":\"x\"}","who":"ops","total":1,"done":0,
            "skipped":0,"failed":0,"created":"2026-01-02T03:04:05Z","started":null,"ended":null,"reason":null}],"after":null}
            """));
        await visit.OpenAsync(pipeline.Key, $"consumers/{name}");

        var table = visit.Main.GetByRole(AriaRole.Table, new() { Name = "In work" });
        await Assertions.Expect(table.GetByText(name, new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(visit.Main.GetByRole(AriaRole.Heading, new() { Name = $"In work: {name}" })).ToBeVisibleAsync();
        await visit.GoAsync("jobs");
        await Assertions.Expect(visit.Main.GetByText($"{name} – {name} x")).ToBeVisibleAsync();
        await visit.GoAsync(name);
        await Assertions.Expect(visit.Main.GetByText("No such view")).ToBeVisibleAsync();
        visit.AssertClean();
    }

    [Fact]
    public async Task Deliveries_are_asked_for_less_often_than_the_status()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, "consumers");
        await Eventually.TrueAsync(() => Task.FromResult(Count("deliveries") > 0), "they are shown");
        var (asked, status) = (Count("deliveries"), Count("status"));

        await Eventually.TrueAsync(() => Task.FromResult(Count("status") >= status + 6), "the status is asked for six times");

        Assert.InRange(Count("deliveries") - asked, 0, 2);

        int Count(string name) => visit.Requests.Count(request => request.Contains($"/api/{name}", StringComparison.Ordinal));
    }
}
