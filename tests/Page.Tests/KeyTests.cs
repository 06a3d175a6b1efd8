using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace EmailIngestion.Page.Tests;

/// <summary>The page asks for the key once, and keeps it for the tab.</summary>
public sealed class KeyTests(Chromium chromium, Servers servers)
{
    private static readonly Dictionary<string, string> NoSettings = [];

    [Fact]
    public async Task The_first_load_asks_for_a_key_and_requests_nothing()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.Page.GotoAsync(new Uri(pipeline.Url, "/").ToString());

        await Assertions.Expect(visit.Page.GetByLabel("Key")).ToBeFocusedAsync();
        Assert.Equal(
            [$"GET {pipeline.Url}", $"GET {pipeline.Url}api/ui"],
            visit.Requests.Where(request => !request.Contains(" data:", StringComparison.Ordinal)));
        await visit.ShootAsync("key");
        visit.AssertClean();
    }

    [Fact]
    public async Task A_wrong_key_is_refused_in_words_and_a_right_one_opens_the_overview()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.Page.GotoAsync(new Uri(pipeline.Url, "/api/ui").ToString());
        await visit.Page.GetByLabel("Key").FillAsync("wrong");
        await visit.Page.Keyboard.PressAsync("Enter");

        await Assertions.Expect(visit.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The process does not accept this key.");
        await Assertions.Expect(visit.Page.GetByLabel("Key")).ToBeFocusedAsync();
        await visit.ShootAsync("wrong-key");

        await visit.Page.GetByLabel("Key").FillAsync(pipeline.Key);
        await visit.Button("Open").ClickAsync();
        await Assertions.Expect(visit.Heading("Overview")).ToBeVisibleAsync();
        visit.AssertClean();
    }

    [Fact]
    public async Task The_key_outlives_a_reload_and_is_not_in_another_tab()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key);
        await visit.Page.ReloadAsync();
        await Assertions.Expect(visit.Heading("Overview")).ToBeVisibleAsync();

        var other = await visit.Page.Context.NewPageAsync();
        await other.GotoAsync(new Uri(pipeline.Url, "/api/ui").ToString());
        await Assertions.Expect(other.GetByLabel("Key")).ToBeVisibleAsync();
        visit.AssertClean();
    }

    [Theory]
    [InlineData("%")]
    [InlineData("%E0%A4%A")]
    [InlineData("")]
    public async Task A_key_in_the_address_that_cannot_be_read_asks_for_one(string key)
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.Page.GotoAsync(new Uri(pipeline.Url, "/api/ui").AbsoluteUri + $"#key={key}");

        await Assertions.Expect(visit.Page.GetByLabel("Key")).ToBeVisibleAsync();
        Assert.EndsWith("/api/ui#/", visit.Page.Url, StringComparison.Ordinal);
        visit.AssertClean();
    }

    [Fact]
    public async Task A_link_with_another_key_does_not_replace_the_tabs_own()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, "mailboxes");
        await visit.Page.EvaluateAsync("location.hash = '#key=other'");

        await Assertions.Expect(visit.Heading("Overview")).ToBeVisibleAsync();
        var asked = visit.Requests.Count;
        await Eventually.TrueAsync(() => Task.FromResult(visit.Requests.Count > asked + 2), "the page asks again");
        await Assertions.Expect(visit.Heading("Overview")).ToBeVisibleAsync();
        Assert.Equal(pipeline.Key, await visit.Page.EvaluateAsync<string>("sessionStorage.getItem('email-ingestion-key')"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_key_in_the_address_takes_the_place_of_one_that_is_refused(bool isRefusedBefore)
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.Page.GotoAsync(new Uri(pipeline.Url, "/api/ui").ToString());
        await visit.Page.EvaluateAsync("sessionStorage.setItem('email-ingestion-key', 'of-yesterday')");
        await visit.Page.GotoAsync(isRefusedBefore ? new Uri(pipeline.Url, "/").ToString() : "about:blank");
        if (isRefusedBefore)
            await Assertions.Expect(visit.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await visit.OpenAsync(pipeline.Key);

        await Assertions.Expect(visit.Heading("Overview")).ToBeVisibleAsync();
        Assert.Equal(pipeline.Key, await visit.Page.EvaluateAsync<string>("sessionStorage.getItem('email-ingestion-key')"));
    }

    [Fact]
    public async Task A_forgotten_key_is_asked_for_again()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key);
        await visit.Button("Forget key").ClickAsync();
        await Assertions.Expect(visit.Page.GetByLabel("Key")).ToBeVisibleAsync();
        Assert.Equal(0, await visit.Page.EvaluateAsync<int>("sessionStorage.length"));
    }

    [Fact]
    public async Task The_demo_prints_an_address_that_opens_the_page_and_drops_the_key()
    {
        await using var local = await LocalProcess.StartAsync(NoSettings, "demo", "--emails", "5");
        await using var visit = await Visit.StartAsync(chromium, new Uri(local.Page.GetLeftPart(UriPartial.Authority)));
        await visit.Page.GotoAsync(local.Page.ToString());

        await Assertions.Expect(visit.Heading("Overview")).ToBeVisibleAsync();
        Assert.StartsWith("#key=", local.Page.Fragment, StringComparison.Ordinal);
        Assert.EndsWith("/api/ui#/", visit.Page.Url, StringComparison.Ordinal);
        Assert.DoesNotContain(visit.Requests, request => request.Contains("key=", StringComparison.Ordinal));
        await visit.ShootAsync("demo");
        visit.AssertClean();
    }

    [Fact]
    public async Task What_is_printed_into_a_log_has_no_key()
    {
        var name = $"p{Guid.NewGuid():N}";
        var settings = new Dictionary<string, string>
        {
            ["Streams:ConnectionString"] = servers.Redis.ConnectionString,
            ["Streams:Partitions:0"] = name,
            ["Polling:Enabled"] = "false",
        };
        await using var local = await LocalProcess.StartAsync(settings);
        Assert.Equal("", local.Page.Fragment);
        Assert.True(
            local.Output.IndexOf("  page ", StringComparison.Ordinal) < local.Output.IndexOf("  status ", StringComparison.Ordinal),
            local.Output);
        Assert.DoesNotContain(local.Key, local.Output, StringComparison.Ordinal);
        Assert.Contains("keys.json", local.Output, StringComparison.Ordinal);
    }
}
