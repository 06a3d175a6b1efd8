using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace EmailIngestion.Page.Tests;

/// <summary>Every view meets WCAG 2.2 AA, as far as axe can tell.</summary>
public sealed class AccessibilityTests(Chromium chromium, Servers servers)
{
    [Theory]
    [InlineData(Visit.Wide, ColorScheme.Light)]
    [InlineData(Visit.Wide, ColorScheme.Dark)]
    [InlineData(Visit.Phone, ColorScheme.Light)]
    public async Task Axe_finds_no_violation_in_any_view(int width, ColorScheme scheme)
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer", Pipeline.Email(1), Pipeline.Email(2));
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url, width, scheme);
        await visit.Page.GotoAsync(new Uri(pipeline.Url, "/api/ui").ToString());
        await visit.AssertAccessibleAsync("key");
        await visit.OpenAsync(pipeline.Key);
        foreach (var view in Visit.Views)
        {
            await visit.SeeAsync(view);
            await visit.AssertAccessibleAsync(view);
            await visit.ShootAsync($"{(view.Length == 0 ? "overview" : view.Replace('/', '-'))}-{width}-{scheme}".ToLowerInvariant());
        }

        await visit.GoAsync("dead-letters/all");
        await visit.Page.Locator("[data-row]").First.ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".mail")).ToBeVisibleAsync();
        await visit.AssertAccessibleAsync("dead letter");
        await visit.Button("Replay …").ClickAsync();
        await Assertions.Expect(visit.Dialog).ToBeVisibleAsync();
        await visit.AssertAccessibleAsync("dialog");
        visit.AssertClean();
    }
}
