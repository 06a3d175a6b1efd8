using System.Text.Json;
using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace EmailIngestion.Page.Tests;

/// <summary>What needs somebody is found among hundreds of mailboxes and thousands of dead letters.</summary>
public sealed class CrowdTests(Chromium chromium, Servers servers)
{
    [Fact]
    public async Task Many_parked_mailboxes_are_one_warning_that_leads_to_them()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Crowd.VisitAsync(chromium, pipeline);
        await visit.OpenAsync(pipeline.Key);
        var warning = visit.Main.Locator(".advice li").Filter(new LocatorFilterOptions { HasText = "parked" });
        await Assertions.Expect(warning).ToHaveCountAsync(1);
        await Assertions.Expect(warning).ToContainTextAsync("30 mailboxes are parked: their sign-in is refused.");
        await Assertions.Expect(visit.Main.Locator(".flow")).ToBeInViewportAsync();
        await Assertions.Expect(visit.Page.Locator("nav .mark").GetByText("12K")).ToBeVisibleAsync();

        await warning.GetByRole(AriaRole.Link).ClickAsync();
        await Assertions.Expect(visit.Main.Locator("tbody tr")).ToHaveCountAsync(30);
        await visit.ShootAsync("crowd-parked");
        visit.AssertClean();
    }

    [Fact]
    public async Task A_mailbox_is_found_by_its_name_and_those_in_trouble_come_first()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Crowd.VisitAsync(chromium, pipeline);
        await visit.OpenAsync(pipeline.Key, "mailboxes");
        var rows = visit.Main.Locator("tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(300);
        await Assertions.Expect(visit.Main).ToContainTextAsync("300 mailboxes: 30 parked, 1 backing off.");
        await Assertions.Expect(rows.First).ToContainTextAsync("Invalid client secret");
        await Assertions.Expect(rows.Nth(30)).ToContainTextAsync("backing off until ");

        await visit.Page.Keyboard.PressAsync("/");
        await visit.Page.Keyboard.TypeAsync("TEAM123");
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await Assertions.Expect(visit.Page.GetByPlaceholder("Find a mailbox")).ToBeFocusedAsync();
        await visit.AssertAccessibleAsync("mailboxes");
        await visit.Page.Keyboard.TypeAsync("x");
        await Assertions.Expect(visit.Main).ToContainTextAsync("No such mailbox");
        visit.AssertClean();
    }

    [Fact]
    public async Task A_hostile_name_is_text_in_the_choice_of_mailboxes_too()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Crowd.VisitAsync(chromium, pipeline);
        await visit.OpenAsync(pipeline.Key, "dead-letters");
        var choice = visit.Main.Locator("select[name=mailbox]");
        await Assertions.Expect(choice).ToContainTextAsync("⟨U+202E⟩<img src=x");
        await choice.SelectOptionAsync(Crowd.Hostile);
        await visit.Page.WaitForURLAsync("**mailbox=%E2%80%AE*");
        visit.AssertClean();
    }

    [Fact]
    public async Task Names_of_keys_are_not_broken_and_a_backfill_is_named_by_its_days()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url, 1280);
        await visit.Page.RouteAsync("**/api/audit*", route => Crowd.AnswerAsync(route, """
            {"entries":[{"id":"1-0","at":"2026-01-02T00:00:00Z","who":"default","action":"backfill","target":"1700000000000-1234abcd",
            "filter":{"mailbox":"ann@example.org/INBOX","from":"2026-01-01"},"count":0,
            "outcome":"completed: 12 done, 0 skipped, 0 failed"}],"after":null}
            """));
        await visit.OpenAsync(pipeline.Key, "audit");
        await Assertions.Expect(visit.Link("mailbox ann@example.org/INBOX, from 2026-01-01")).ToBeVisibleAsync();
        var lines = await visit.Main.Locator("td.who bdi").EvaluateAsync<int>("name => name.getClientRects().length");
        Assert.Equal(1, lines);
        visit.AssertClean();
    }

    [Fact]
    public async Task Errors_and_senders_are_not_broken_within_a_word()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url, 1280);
        var subject = string.Join(' ', Enumerable.Repeat("very long subject", 20));
        await visit.Page.RouteAsync("**/api/dlq?*", route => Crowd.AnswerAsync(route, $$"""
            {"deadLetters":[{"id":"1700000000000-0","mailbox":"very-long-name-of-a-team@example.org/INBOX","subject":"{{subject}}",
            "from":"Alice Archer <sender18@example.org>","errorType":"InvalidOperationException","errorMessage":"x","replays":0,
            "reason":"permanent","lastFailure":"2026-01-02T00:00:00Z"}],"after":null}
            """));
        await visit.OpenAsync(pipeline.Key, "dead-letters/all");
        foreach (var text in new[] { "InvalidOperationException", "Alice Archer <sender18@example.org>" })
        {
            var lines = await visit.Main.GetByText(text, new LocatorGetByTextOptions { Exact = true })
                .EvaluateAsync<int>("shown => shown.getClientRects().length");
            Assert.Equal(1, lines);
        }

        visit.AssertClean();
    }

    [Theory]
    [InlineData(true, null, "7 in 40 groups of similar errors.")]
    [InlineData(true, "1-0", "12,001 in 40 groups of similar errors.")]
    [InlineData(false, "1-0", "7 and more in 40 groups of similar errors.")]
    public async Task The_number_above_the_groups_is_that_of_all_of_them(bool whole, string? after, string text)
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Crowd.VisitAsync(chromium, pipeline);
        var groups = JsonSerializer.Serialize(new
        {
            groups = new[] { new { fingerprint = "f00d", count = 7, reason = "permanent", errorType = "Refused", error = "x" } },
            total = 40,
            whole,
            after,
        });
        await visit.Page.RouteAsync("**/api/dlq/groups*", route => Crowd.AnswerAsync(route, groups));
        await visit.OpenAsync(pipeline.Key, "dead-letters");
        await Assertions.Expect(visit.Main.Locator(".lead")).ToHaveTextAsync(text);
        visit.AssertClean();
    }

    [Fact]
    public async Task A_job_that_is_gone_is_not_waited_for()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, "jobs/1700000000000-1234abcd");
        await Assertions.Expect(visit.Link("All jobs")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Main.GetByText("tries again")).ToHaveCountAsync(0);
        visit.AssertClean();
    }

    [Fact]
    public async Task On_paper_there_is_the_content_without_controls()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url, scheme: ColorScheme.Dark);
        await visit.OpenAsync(pipeline.Key, "mailboxes");
        await visit.Page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
        await Assertions.Expect(visit.Page.Locator(".side")).ToBeHiddenAsync();
        await Assertions.Expect(visit.Main.Locator("table")).ToBeVisibleAsync();
        await Assertions.Expect(visit.Page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(251, 250, 248)");
    }
}
