using System.Text;
using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace EmailIngestion.Page.Tests;

/// <summary>Counts and exports of many dead letters.</summary>
public sealed class BulkTests(Chromium chromium, Servers servers)
{
    // Longer than other answers may take.
    private const int Seconds = 25;

    [Fact]
    public async Task A_count_may_take_its_time()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer", Pipeline.Email(1));
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, "dead-letters/all");
        await visit.Page.RouteAsync("**/api/dlq/replay", async route =>
        {
            await Task.Delay(TimeSpan.FromSeconds(Seconds), TimeProvider.System);
            await route.ContinueAsync();
        });
        await visit.Button("Replay all …").ClickAsync();

        await Assertions.Expect(visit.Dialog).ToContainTextAsync("1 dead letter to replay.");
        visit.AssertClean();
    }

    [Fact]
    public async Task A_large_export_may_take_its_time()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer", Pipeline.Email(1));
        await using var slow = await SlowExport.StartAsync(pipeline, Seconds);
        await using var visit = await Visit.StartAsync(chromium, slow.Url);
        await visit.OpenAsync(pipeline.Key, "dead-letters/all");
        var saved = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Button("Export").ClickAsync());

        Assert.Equal("dead-letters.zip", saved.SuggestedFilename);
        Assert.Equal(4 * Seconds, new FileInfo(await saved.PathAsync()).Length);
    }

    [Fact]
    public async Task An_export_that_does_not_fit_into_one_file_goes_on_in_the_next()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer", Pipeline.Email(1));
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.Page.RouteAsync("**/api/dlq/export*", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "application/zip",
            BodyBytes = Encoding.Latin1.GetBytes(
                route.Request.Url.Contains("after=1700000000000-7", StringComparison.Ordinal) ? "last\0\0" : "first after=1700000000000-7"),
        }));
        await visit.OpenAsync(pipeline.Key, "dead-letters/all");
        var first = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Button("Export").ClickAsync());
        await Assertions.Expect(visit.Dialog).ToContainTextAsync("Part 1 is saved. It is full, and more dead letters match.");
        var second = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Button("Save part 2").ClickAsync());

        await Assertions.Expect(visit.Page.Locator("#toasts")).ToContainTextAsync("All 2 files are saved.");
        await Assertions.Expect(visit.Dialog).ToBeHiddenAsync();
        Assert.Equal(("dead-letters.zip", "dead-letters-2.zip"), (first.SuggestedFilename, second.SuggestedFilename));
        visit.AssertClean();
    }

    [Fact]
    public async Task An_export_that_breaks_off_is_not_saved()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer", Pipeline.Email(1));
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.Page.RouteAsync("**/api/dlq/export*", route => route.AbortAsync());
        await visit.OpenAsync(pipeline.Key, "dead-letters/all");
        await visit.Button("Export").ClickAsync();

        await Assertions.Expect(visit.Dialog.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await Assertions.Expect(visit.Dialog).Not.ToContainTextAsync("saved");
        await visit.Page.UnrouteAllAsync();
        var saved = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Button("Try again").ClickAsync());
        Assert.Equal("dead-letters.zip", saved.SuggestedFilename);
    }
}
