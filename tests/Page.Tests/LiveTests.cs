using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace EmailIngestion.Page.Tests;

/// <summary>The figures follow the pipeline, and the page says when they do not.</summary>
public sealed class LiveTests(Chromium chromium, Servers servers)
{
    [Fact]
    public async Task Figures_move_while_mail_arrives()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, $"mailboxes/{Uri.EscapeDataString(pipeline.Mailbox)}");
        var last = visit.Page.Locator(".facts div", new PageLocatorOptions { HasText = "Last UID" }).Locator("dd");

        await pipeline.ArriveAsync([.. Enumerable.Range(1, 3).Select(Pipeline.Email)]);
        await Assertions.Expect(last).ToContainTextAsync("3");
        await pipeline.ArriveAsync([.. Enumerable.Range(4, 4).Select(Pipeline.Email)]);
        await Assertions.Expect(last).ToContainTextAsync("7");

        await visit.GoAsync("");
        await Assertions.Expect(visit.Main.GetByText("Nothing waits in the stream.")).ToBeVisibleAsync();
        await visit.ShootAsync("overview");
        visit.AssertClean();
    }

    [Fact]
    public async Task A_dead_letter_shows_in_the_picture_in_the_menu_and_in_the_title()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key);
        await Assertions.Expect(visit.Page.Locator(".stage.dead .figure")).ToHaveTextAsync("0");
        await pipeline.DeadLetterAsync("No such customer", Pipeline.Email(1));

        await Assertions.Expect(visit.Page.Locator(".stage.dead .figure")).ToHaveTextAsync("1");
        await Assertions.Expect(visit.Page.Locator("nav .mark.bad")).ToHaveTextAsync("1");
        await Assertions.Expect(visit.Page).ToHaveTitleAsync("(1) Overview – Email ingestion");
        visit.AssertClean();
    }

    [Fact]
    public async Task A_process_that_does_not_answer_is_named_and_what_was_known_stays()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.Page.Clock.InstallAsync();
        await visit.OpenAsync(pipeline.Key);
        await Assertions.Expect(visit.Page.Locator(".flow")).ToBeVisibleAsync();
        await visit.Page.RouteAsync("**/api/status", route => route.AbortAsync());

        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Not reachable since");
        await Assertions.Expect(visit.Page.Locator(".flow")).ToBeVisibleAsync();
        await visit.ShootAsync("not-reachable");

        // From here on the page does not try by itself. A try that is already under way may end the outage before the click.
        await visit.PauseClockAsync();
        await visit.Page.UnrouteAllAsync();
        await visit.Button("Try now").EvaluateAllAsync<object?>("buttons => buttons.forEach(button => button.click())");
        await Assertions.Expect(visit.Page.Locator(".outage")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Typing_and_the_focus_outlive_the_redrawing()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, "dead-letters");
        var find = visit.Page.GetByPlaceholder("Subject or sender");
        await find.FillAsync("half a wo");
        await visit.Page.EvaluateAsync("document.querySelector('[data-find]').dataset.seen = 'yes'");
        var asked = visit.Requests.Count;
        await Eventually.TrueAsync(() => Task.FromResult(visit.Requests.Count > asked + 2), "the page asks again");

        await Assertions.Expect(find).ToBeFocusedAsync();
        await Assertions.Expect(find).ToHaveValueAsync("half a wo");
        await Assertions.Expect(find).ToHaveAttributeAsync("data-seen", "yes");
    }

    [Fact]
    public async Task A_late_answer_of_another_partition_is_not_shown()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        var release = new TaskCompletionSource();
        await visit.Page.RouteAsync("**/api/status", answer => answer.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "application/json",
            Body = $$"""{"at":"2026-01-02T03:04:05Z","circuitBreaker":"closed","partitions":[{{Partition("one")}},{{Partition("two")}}]}""",
        }));
        await visit.Page.RouteAsync("**/api/dlq?*", async route =>
        {
            var isFirst = route.Request.Url.Contains("partition=one", StringComparison.Ordinal);
            if (isFirst)
                await release.Task;
            await route.FulfillAsync(new RouteFulfillOptions
            {
                ContentType = "application/json",
                Body = $$"""{"deadLetters":[{"id":"1-0","subject":"{{(isFirst ? "Of one" : "Of two")}}"}],"after":null}""",
            });
        });
        var late = visit.Page.WaitForRequestFinishedAsync(new PageWaitForRequestFinishedOptions
        {
            Predicate = request => request.Url.Contains("partition=one", StringComparison.Ordinal),
        });
        await visit.Page.RunAndWaitForRequestAsync(
            () => visit.OpenAsync(pipeline.Key, "dead-letters/all"),
            request => request.Url.Contains("partition=one", StringComparison.Ordinal));
        await visit.Page.GetByLabel("Partition").SelectOptionAsync("two");
        await Assertions.Expect(visit.Page.Locator("[data-row]")).ToHaveTextAsync("Of two");

        // As when somebody looks at it: what is late is drawn at once.
        await visit.Page.EvaluateAsync(
            "new MutationObserver(() => { window.seen ||= document.body.textContent.includes('Of one'); })"
            + ".observe(document.body, { childList: true, characterData: true, subtree: true })");
        release.SetResult();
        await late;
        var asked = visit.Requests.Count;
        await Eventually.TrueAsync(() => Task.FromResult(visit.Requests.Count > asked + 1), "the page has drawn itself again");
        Assert.False(await visit.Page.EvaluateAsync<bool>("Boolean(window.seen)"));
        await Assertions.Expect(visit.Page.Locator("[data-row]")).ToHaveTextAsync("Of two");
    }

    private static string Partition(string name) => $$"""
        {"partition":"{{name}}","depth":0,"lag":0,"pending":0,"length":0,"settled":0,"vanished":0,"vanishedAt":null,"oldestAgeSeconds":null,
        "dlqDepth":1,"memoryUsedBytes":1000000,"memoryMaxBytes":0,"consumers":[],"mailboxes":[],"warnings":[]}
        """;

    [Fact]
    public async Task An_older_process_is_shown_without_what_it_does_not_have()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        foreach (var route in new[] { "control", "dlq/groups*", "jobs*", "audit*", "settings" })
            await visit.Page.RouteAsync($"**/api/{route}", answer => answer.FulfillAsync(new RouteFulfillOptions { Status = 404 }));
        await visit.Page.RouteAsync("**/api/status", answer => answer.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "application/json",
            Body = """
                {"at":"2026-01-02T03:04:05Z","circuitBreaker":"closed","partitions":[{"partition":"","depth":3,"lag":1,"pending":2,
                "length":3,"settled":0,"vanished":0,"vanishedAt":null,"oldestAgeSeconds":null,"dlqDepth":4,"memoryUsedBytes":1000000,
                "memoryMaxBytes":0,"consumers":[],"mailboxes":[{"name":"a/INBOX","uidValidity":1,"lastUid":5,"lastSuccess":null,
                "error":"refused","errorAt":null,"parked":true}],"warnings":["Redis keeps nothing on disk."]}]}
                """,
        }));
        await visit.OpenAsync(pipeline.Key);

        await Assertions.Expect(visit.Main.GetByText("Redis keeps nothing on disk.")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Main.GetByText("4 dead letters wait for a decision.")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Button("Pause …")).ToHaveCountAsync(0);
        await visit.GoAsync("mailboxes");
        await Assertions.Expect(visit.Main.Locator(".badge").GetByText("parked")).ToBeVisibleAsync();
        await visit.GoAsync("jobs");
        await Assertions.Expect(visit.Main.GetByText("This process does not offer jobs")).ToBeVisibleAsync();
        visit.AssertClean();
    }
}
