using System.Text.Json;
using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace EmailIngestion.Page.Tests;

/// <summary>What is replayed, deleted and exported is what the filter on the screen says.</summary>
public sealed class FilterTests(Chromium chromium, Servers servers)
{
    [Fact]
    public async Task All_that_was_typed_is_in_the_filter()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key);
        await visit.SeeAsync("dead-letters/all");
        await visit.Page.Locator("summary").ClickAsync();
        await visit.Page.Locator("[name=from]").FillAsync("2026-01-02T03:04");
        await visit.Page.Locator("[name=errorType]").FillAsync("Refused");
        await visit.Page.GetByPlaceholder("Subject or sender").FillAsync("invoice");
        await visit.Page.Locator("[name=to]").FillAsync("2026-02-03T04:05");
        var asked = visit.Requests.Count;
        await Eventually.TrueAsync(() => Task.FromResult(visit.Requests.Count > asked + 2), "the page has drawn itself again");
        await visit.Button("Filter").ClickAsync();

        await visit.Page.WaitForURLAsync("**#/dead-letters/all?*");
        var address = Uri.UnescapeDataString(visit.Page.Url);
        Assert.Contains("from=2026-01-0", address, StringComparison.Ordinal);
        Assert.Contains("to=2026-02-0", address, StringComparison.Ordinal);
        Assert.Contains("errorType=Refused", address, StringComparison.Ordinal);
        Assert.Contains("text=invoice", address, StringComparison.Ordinal);
        visit.AssertClean();
    }

    [Fact]
    public async Task The_form_follows_the_address()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key);
        await visit.SeeAsync("dead-letters/all?errorType=Refused&text=one");
        var find = visit.Page.GetByPlaceholder("Subject or sender");
        await Assertions.Expect(find).ToHaveValueAsync("one");
        await visit.GoAsync("dead-letters/all?text=two");
        await Assertions.Expect(find).ToHaveValueAsync("two");
        await Assertions.Expect(visit.Page.Locator("[name=errorType]")).ToHaveValueAsync("");
    }

    [Fact]
    public async Task A_group_keeps_the_filter_that_it_was_opened_with()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer", Pipeline.Email(1));
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, $"dead-letters?mailbox={Uri.EscapeDataString(pipeline.Mailbox)}");
        await visit.Page.Locator(".groups [data-row]").ClickAsync();
        var request = await visit.Page.RunAndWaitForRequestAsync(
            () => visit.Button("Delete all …").ClickAsync(), one => one.Url.Contains("/dlq/purge", StringComparison.Ordinal));

        using var body = JsonDocument.Parse(request.PostData!);
        var filter = body.RootElement.GetProperty("filter");
        Assert.Equal(pipeline.Mailbox, filter.GetProperty("mailbox").GetString());
        Assert.NotEqual("", filter.GetProperty("fingerprint").GetString());
        await Assertions.Expect(visit.Dialog).ToContainTextAsync($"mailbox {pipeline.Mailbox}");
        visit.AssertClean();
    }

    [Fact]
    public async Task Groups_that_are_still_counted_do_not_look_empty()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.Page.RouteAsync("**/api/dlq/groups*", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "application/json",
            Body = """{"groups":[],"total":0,"after":null,"whole":false}""",
        }));
        await visit.OpenAsync(pipeline.Key, "dead-letters");
        await Assertions.Expect(visit.Main).ToContainTextAsync("The groups are being counted");
        await Assertions.Expect(visit.Main.GetByText("No dead letters", new LocatorGetByTextOptions { Exact = true })).ToHaveCountAsync(0);
        visit.AssertClean();
    }
}
