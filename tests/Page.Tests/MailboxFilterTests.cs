using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace EmailIngestion.Page.Tests;

/// <summary>The filter of the mailboxes agrees with what the advice counts.</summary>
public sealed class MailboxFilterTests(Chromium chromium, Servers servers)
{
    [Fact]
    public async Task Parked_and_paused_mailboxes_are_found_while_everything_is_paused()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Crowd.VisitAsync(chromium, pipeline, mailbox => mailbox["state"] = "paused");
        await visit.Page.RouteAsync("**/api/control", route => Crowd.AnswerAsync(route, Pauses(4)));
        await visit.OpenAsync(pipeline.Key);
        await ShowAsync("30 mailboxes are parked", 30);
        await Assertions.Expect(visit.Main).ToContainTextAsync("300 mailboxes: 30 parked, 4 paused, 296 paused with all.");
        await Assertions.Expect(visit.Main.Locator("tbody tr").First.Locator(".badge")).ToHaveTextAsync(["paused", "parked"]);

        await visit.GoAsync("");
        await ShowAsync("4 mailboxes are paused", 4);
        await visit.GoAsync("mailboxes");
        await Assertions.Expect(visit.Main.Locator("tbody tr").Nth(29)).ToContainTextAsync("Invalid client secret");
        visit.AssertClean();

        async Task ShowAsync(string text, int count)
        {
            var advice = visit.Main.Locator(".advice li").Filter(new LocatorFilterOptions { HasText = text });
            await advice.GetByRole(AriaRole.Link).ClickAsync();
            await Assertions.Expect(visit.Main.Locator("tbody tr")).ToHaveCountAsync(count);
        }
    }

    [Fact]
    public async Task A_parked_mailbox_that_is_polled_is_parked_too()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Crowd.VisitAsync(chromium, pipeline, mailbox =>
            mailbox["state"] = mailbox["parked"]!.GetValue<bool>() ? "polling" : "watching");
        await visit.OpenAsync(pipeline.Key, "mailboxes?state=parked");
        await Assertions.Expect(visit.Main.Locator("tbody tr")).ToHaveCountAsync(30);
        await visit.GoAsync("mailboxes?state=polling");
        await Assertions.Expect(visit.Main.Locator("tbody tr")).ToHaveCountAsync(30);
        visit.AssertClean();
    }

    [Fact]
    public async Task A_state_that_no_mailbox_has_any_more_stays_chosen_and_can_be_left()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        var isOver = false;
        await using var visit = await Crowd.VisitAsync(chromium, pipeline, mailbox =>
        {
            if (isOver)
                (mailbox["state"], mailbox["parked"], mailbox["error"], mailbox["until"]) = ("watching", false, null, null);
        });
        await visit.OpenAsync(pipeline.Key, "mailboxes?state=parked");
        var rows = visit.Main.Locator("tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(30);
        isOver = true;
        await Assertions.Expect(visit.Main).ToContainTextAsync("No such mailbox");
        var choice = visit.Main.Locator("select");
        await Assertions.Expect(choice).ToHaveValueAsync("parked");
        await Assertions.Expect(choice).ToContainTextAsync("parked (0)");
        await choice.SelectOptionAsync("");
        await Assertions.Expect(rows).ToHaveCountAsync(300);
        visit.AssertClean();
    }

    [Fact]
    public async Task Finding_a_mailbox_asks_the_process_nothing()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Crowd.VisitAsync(chromium, pipeline);
        await visit.Page.Clock.InstallAsync();
        await visit.OpenAsync(pipeline.Key, "mailboxes");
        await Assertions.Expect(visit.Main.Locator("tbody tr")).ToHaveCountAsync(300);
        // The page asks no more by itself while it waits for an answer, and with its clock paused the wait does not end.
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await visit.Page.RouteAsync("**/api/status", _ => asked.TrySetResult());
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, TestContext.Current.CancellationToken);
        await visit.PauseClockAsync();
        var before = visit.Requests.Count;
        await visit.Page.Keyboard.PressAsync("/");
        await visit.Page.Keyboard.TypeAsync("team123");
        await Assertions.Expect(visit.Main.Locator("tbody tr")).ToHaveCountAsync(1);
        Assert.Empty(visit.Requests.Skip(before));
        visit.AssertClean();
    }

    [Fact]
    public async Task A_wait_that_ends_on_another_day_has_its_date()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Crowd.VisitAsync(chromium, pipeline, mailbox =>
        {
            if (mailbox["state"]!.GetValue<string>() == "backing off")
                mailbox["until"] = TimeProvider.System.GetUtcNow().ToString("O");
        });
        await visit.OpenAsync(pipeline.Key, "mailboxes?state=parked");
        var rows = visit.Main.Locator("tbody tr");
        await Assertions.Expect(rows.First).ToContainTextAsync(new Regex(@" until \d Jan 2099, \d\d:\d\d"));
        await visit.GoAsync("mailboxes?state=backing%20off");
        await Assertions.Expect(rows.First).ToContainTextAsync(new Regex(@" until \d\d:\d\d"));
        visit.AssertClean();
    }

    private static string Pauses(int mailboxes) => new JsonObject
    {
        ["paused"] = new JsonArray(
        [
            Pause("everything", null),
            .. Enumerable.Range(0, mailboxes).Select(number => Pause("mailbox", $"team01{number}@example.org/INBOX")),
        ]),
    }.ToJsonString();

    private static JsonObject Pause(string scope, string? name) =>
        new() { ["scope"] = scope, ["name"] = name, ["since"] = "2026-01-02T00:00:00Z", ["who"] = "ops", ["reason"] = null };
}
