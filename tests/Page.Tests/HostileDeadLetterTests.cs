using System.Text;
using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace EmailIngestion.Page.Tests;

/// <summary>Whatever a dead letter holds, it is shown as text: it runs nothing and requests nothing.</summary>
public sealed class HostileDeadLetterTests(Chromium chromium, Servers servers)
{
    private const int SubjectLength = 2 * 1024 * 1024;

    [Fact]
    public async Task A_hostile_dead_letter_runs_nothing_and_requests_nothing()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync(
            "<img src=x onerror=\"window.hostile=1\"> <script>window.hostile=2</script>",
            Hostile(servers.Receiver.Url, "\u202Efdp.eciovni"));
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, "dead-letters/all");
        await visit.Page.Locator("[data-row]").ClickAsync();

        // The direction of the subject is shown, not obeyed.
        await Assertions.Expect(visit.Page.Locator("h1")).ToContainTextAsync("⟨U+202E⟩fdp.eciovni <script>");
        await Assertions.Expect(visit.Page.Locator(".panel .error-text")).ToContainTextAsync("onerror");
        await Assertions.Expect(visit.Page.Locator(".mail")).ToContainTextAsync("Dear customer");
        await visit.ShootAsync("hostile-text");
        foreach (var part in new[] { "Headers", "Source", "Text" })
        {
            await visit.Button(part).ClickAsync();
            await Assertions.Expect(visit.Button(part)).ToHaveAttributeAsync("aria-pressed", "true");
        }

        await AssertNothingRanAsync(visit);
    }

    [Fact]
    public async Task A_subject_of_two_megabytes_does_not_stop_the_page()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer", Hostile(servers.Receiver.Url, new string('x', SubjectLength)));
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, "dead-letters/all");
        await visit.Page.Locator("[data-row]").ClickAsync();
        await Assertions.Expect(visit.Page.Locator("h1")).ToContainTextAsync("xxxx");
        await visit.Button("Headers").ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".headers")).ToContainTextAsync("characters)");

        // Bounded: the document has little of it.
        Assert.InRange(await visit.Page.EvaluateAsync<int>("document.body.textContent.length"), 1000, 400_000);
        await visit.ShootAsync("hostile-subject");
        await AssertNothingRanAsync(visit);
    }

    // Time that grows with the square of the length is hours here.
    [Theory]
    [InlineData("<")]
    [InlineData("<b ")]
    [InlineData("<!--")]
    [InlineData("<script ")]
    [InlineData("<a href=x ")]
    [InlineData("</style ")]
    [InlineData("   ")]
    [InlineData("&#60;")]
    [InlineData("\n")]
    public async Task Markup_of_four_megabytes_does_not_stop_the_page(string piece)
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer", Pipeline.Email(1));
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        var html = string.Concat(Enumerable.Repeat(piece, (4 * 1024 * 1024) / piece.Length));
        await visit.Page.RouteAsync("**/api/dlq/*/raw*", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "message/rfc822",
            // As bytes: Playwright writes a text as JSON, in which each < has six characters.
            BodyBytes = Encoding.ASCII.GetBytes($"Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Dear customer</p>{html}x"),
        }));
        await visit.OpenAsync(pipeline.Key, "dead-letters/all");
        await visit.Page.Locator("[data-row]").ClickAsync();

        await Assertions.Expect(visit.Page.Locator(".mail")).ToContainTextAsync("Dear customer");
        await AssertNothingRanAsync(visit);
    }

    [Fact]
    public async Task Markup_is_removed_and_text_and_links_stay()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer", Pipeline.Email(1));
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.Page.RouteAsync("**/api/dlq/*/raw*", route => route.FulfillAsync(new RouteFulfillOptions
        {
            ContentType = "message/rfc822",
            Body = "Content-Type: text/html\r\n\r\n<HEAD><title>no</title></HEAD><style>no</style><!-- no > no -->"
                + "<p>Dear&nbsp;<b>A</b> &lt;3<br>"
                + "see <a class=x href=\"https://example.org/?a=1&amp;b=2\">here</a></p><SCRIPT>no()</SCRIPT ><p>1 < 2</p>\r\n",
        }));
        await visit.OpenAsync(pipeline.Key, "dead-letters/all");
        await visit.Page.Locator("[data-row]").ClickAsync();

        Assert.Equal("Dear A <3\nsee [https://example.org/?a=1&b=2] here\n1 < 2", await visit.Page.Locator(".mail").TextContentAsync());
    }

    private async Task AssertNothingRanAsync(Visit visit)
    {
        Assert.True(await visit.Page.EvaluateAsync<bool>("window.hostile === undefined"));
        var active = visit.Main.Locator("img, iframe, script, style, object, a[href^='http'], a[href^='javascript']");
        Assert.Equal(0, await active.CountAsync());
        Assert.Empty(servers.Receiver.Others);
        visit.AssertClean();
    }

    private static string Hostile(string url, string subject) => string.Join("\r\n",
        "From: \"<img src=x onerror=window.hostile=3>\" <evil@example.org>",
        "To: invoices@example.org",
        $"Subject: {subject} <script>window.hostile=4</script>",
        "Message-ID: <\"onmouseover=\"window.hostile=5@example.org>",
        "MIME-Version: 1.0",
        "Content-Type: multipart/mixed; boundary=b",
        "",
        "--b",
        "Content-Type: text/html; charset=utf-8",
        "",
        $"<html><head><link rel=stylesheet href=\"{url}/style.css\"><meta http-equiv=refresh content=\"0;url={url}/away\"></head>",
        "<body onload=window.hostile=6><p>Dear <b onclick=window.hostile=7>customer</b></p>",
        $"<img src=\"{url}/pixel.png\" onerror=window.hostile=8><svg onload=window.hostile=9></svg>",
        "<scr<script>ipt>window.hostile=10</script>",
        $"<a href=\"javascript:window.hostile=11\">pay</a> <iframe src=\"{url}/frame\"></iframe></body></html>",
        "--b",
        "Content-Type: image/svg+xml; name=\"<script>window.hostile=12</script>.svg\"",
        "",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"window.hostile=13\"/>",
        "--b--",
        "");
}
