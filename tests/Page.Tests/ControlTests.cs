using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace EmailIngestion.Page.Tests;

/// <summary>What somebody does on the page happens in the pipeline, and others see it.</summary>
public sealed class ControlTests(Chromium chromium, Servers servers)
{
    [Fact]
    public async Task A_group_is_previewed_replayed_and_then_empty()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer", [.. Enumerable.Range(1, 6).Select(Pipeline.Email)]);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, "dead-letters");
        await Assertions.Expect(visit.Page.Locator(".group-count")).ToHaveTextAsync("6");
        await visit.ShootAsync("groups");
        await visit.Page.Locator("[data-row]").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("tbody tr")).ToHaveCountAsync(6);

        servers.Receiver.Accept(pipeline.Name);
        await visit.Button("Replay all …").ClickAsync();
        await Assertions.Expect(visit.Dialog.Locator(".preview")).ToContainTextAsync("6 dead letters to replay.");
        Assert.Equal(6, await pipeline.DeadLettersAsync());
        await visit.ShootAsync("preview");
        await visit.Button("Replay 6").ClickAsync();

        await Assertions.Expect(visit.Page.Locator(".job-state")).ToContainTextAsync("completed");
        await Assertions.Expect(visit.Page.Locator(".job-state")).ToContainTextAsync("6of 6");
        await visit.ShootAsync("job");
        await visit.Page.Locator("main a.button").ClickAsync();
        await Assertions.Expect(visit.Main.GetByText("No dead letters")).ToBeVisibleAsync();
        Assert.Equal(0, await pipeline.DeadLettersAsync());

        await visit.GoAsync("audit");
        await Assertions.Expect(visit.Main.GetByText("Replayed in bulk").First).ToBeVisibleAsync();
        visit.AssertClean();
    }

    [Fact]
    public async Task One_dead_letter_is_replayed_after_a_question()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer", Pipeline.Email(1));
        servers.Receiver.Accept(pipeline.Name);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, "dead-letters/all");
        await visit.Page.Locator("[data-row]").ClickAsync();
        await visit.Button("Replay …").ClickAsync();
        await visit.Button("Cancel").ClickAsync();
        Assert.Equal(1, await pipeline.DeadLettersAsync());

        await visit.Button("Replay …").ClickAsync();
        await visit.Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Replay", Exact = true }).ClickAsync();
        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("Replayed.");
        await Assertions.Expect(visit.Main.GetByText("No dead letters")).ToBeVisibleAsync();
        visit.AssertClean();
    }

    [Fact]
    public async Task A_pause_is_seen_and_ended_in_another_process()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key);
        await visit.Button("Pause …").ClickAsync();
        await visit.Page.GetByLabel("Reason").FillAsync("The database moves");
        await visit.Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Pause", Exact = true }).ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".advice")).ToContainTextAsync("Everything is paused");

        await using var other = await LocalProcess.StartAsync(Pipeline.Settings(servers, pipeline.Name), "consume");
        await using var there = await Visit.StartAsync(chromium, new Uri(other.Page.GetLeftPart(UriPartial.Authority)));
        await there.OpenAsync(other.Key);
        await Assertions.Expect(there.Page.Locator(".advice")).ToContainTextAsync("The database moves");
        await there.ShootAsync("paused");
        await there.Button("Resume").ClickAsync();
        await there.Dialog.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Resume", Exact = true }).ClickAsync();

        await Assertions.Expect(visit.Main.GetByText("Everything is paused")).ToHaveCountAsync(0);
        visit.AssertClean();
        there.AssertClean();
    }


    [Fact]
    public async Task Secrets_among_the_settings_are_masked()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, "settings");
        await visit.Page.GetByPlaceholder("Find a setting").FillAsync("webhook:secret");
        await Assertions.Expect(visit.Page.Locator("tbody tr")).ToHaveCountAsync(1);
        await Assertions.Expect(visit.Page.Locator("tbody tr")).ToContainTextAsync("••• (secret)");
        Assert.DoesNotContain("0123456789abcdef01234567", await visit.Page.ContentAsync(), StringComparison.Ordinal);
        visit.AssertClean();
    }
}
