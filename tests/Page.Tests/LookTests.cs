using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace EmailIngestion.Page.Tests;

/// <summary>Both themes, a phone, and readers who use no mouse.</summary>
public sealed class LookTests(Chromium chromium, Servers servers)
{
    [Fact]
    public async Task On_a_phone_nothing_is_wider_than_the_screen()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer in a list that has rather many words to be read", Pipeline.Email(1));
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url, Visit.Phone);
        await visit.OpenAsync(pipeline.Key);
        foreach (var view in Visit.Views)
        {
            await visit.SeeAsync(view);
            Assert.True(
                await visit.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"'{view}' is too wide");
        }
    }

    [Fact]
    public async Task The_theme_follows_the_system_until_somebody_chooses_one()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url, scheme: ColorScheme.Dark);
        await visit.OpenAsync(pipeline.Key);
        var body = visit.Page.Locator("body");
        await Assertions.Expect(body).ToHaveCSSAsync("background-color", "rgb(21, 20, 19)");
        await visit.Button("Theme: auto").ClickAsync();
        await Assertions.Expect(body).ToHaveCSSAsync("background-color", "rgb(251, 250, 248)");
        await visit.Page.ReloadAsync();
        await Assertions.Expect(visit.Button("Theme: light")).ToBeVisibleAsync();
        await Assertions.Expect(body).ToHaveCSSAsync("background-color", "rgb(251, 250, 248)");
    }

    [Fact]
    public async Task Everything_is_reached_by_the_keyboard_alone()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer", Pipeline.Email(1));
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        var keys = visit.Page.Keyboard;
        await visit.Page.GotoAsync(new Uri(pipeline.Url, "/api/ui").ToString());
        await Assertions.Expect(visit.Page.GetByLabel("Key")).ToBeFocusedAsync();
        await keys.TypeAsync(pipeline.Key);
        await keys.PressAsync("Enter");
        await Assertions.Expect(visit.Heading("Overview")).ToBeVisibleAsync();

        await keys.PressAsync("Tab");
        await Assertions.Expect(visit.Link("Skip to the content")).ToBeFocusedAsync();
        await keys.PressAsync("?");
        await Assertions.Expect(visit.Dialog).ToBeVisibleAsync();
        await keys.PressAsync("Escape");
        await Assertions.Expect(visit.Dialog).ToBeHiddenAsync();
        await Assertions.Expect(visit.Link("Skip to the content")).ToBeFocusedAsync();

        await keys.PressAsync("g");
        await keys.PressAsync("d");
        await Assertions.Expect(visit.Heading("Dead letters")).ToBeFocusedAsync();
        await visit.GoAsync("dead-letters/all");
        await Assertions.Expect(visit.Page.Locator("[data-row]")).ToBeVisibleAsync();
        await keys.PressAsync("j");
        await keys.PressAsync("Enter");
        await Assertions.Expect(visit.Page.Locator("h1")).ToContainTextAsync("Invoice 1");
        await visit.Page.GoBackAsync();
        await Assertions.Expect(visit.Heading("Dead letters, one by one")).ToBeVisibleAsync();

        await keys.PressAsync("/");
        await Assertions.Expect(visit.Page.GetByPlaceholder("Subject or sender")).ToBeFocusedAsync();
        // A key that is pressed in a field is text.
        await keys.TypeAsync("gd?");
        await Assertions.Expect(visit.Page.GetByPlaceholder("Subject or sender")).ToHaveValueAsync("gd?");
        await Assertions.Expect(visit.Dialog).ToBeHiddenAsync();
        visit.AssertClean();
    }

    [Fact]
    public async Task Shortcuts_can_be_switched_off()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key);
        await visit.Button("Keyboard").ClickAsync();
        await visit.Page.GetByLabel("Shortcuts are on").UncheckAsync();
        await visit.Button("Close").ClickAsync();
        await visit.Page.Keyboard.PressAsync("?");
        await Assertions.Expect(visit.Dialog).ToBeHiddenAsync();
    }
}
