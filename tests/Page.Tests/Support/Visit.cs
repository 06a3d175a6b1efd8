using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using Xunit;

namespace EmailIngestion.Page.Tests.Support;

/// <summary>One browser tab with a profile of its own. It notes each request, and each error of the page.</summary>
internal sealed class Visit : IAsyncDisposable
{
    public const int Wide = 1440;
    public const int Phone = 390;

    /// <summary>The views that need no name of anything.</summary>
    public static readonly string[] Views =
        ["", "mailboxes", "consumers", "dead-letters", "dead-letters/all", "jobs", "audit", "settings"];

    private static readonly string[] Rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

    private readonly Uri _host;
    private readonly IBrowserContext _context;
    private readonly List<string> _errors = [];
    private readonly List<string> _requests = [];

    private Visit(Uri host, IBrowserContext context, IPage page)
    {
        (_host, _context, Page) = (host, context, page);
        context.Request += (_, request) => Note(_requests, $"{request.Method} {request.Url}");
        page.PageError += (_, error) => Note(_errors, error);
        page.Console += (_, message) =>
        {
            // The browser's own line about an answer such as 401.
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                Note(_errors, message.Text);
        };
        page.Dialog += (_, dialog) =>
        {
            Note(_errors, $"A script opened a dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
    }

    public IPage Page { get; }

    public ILocator Main => Page.Locator("main");

    public ILocator Dialog => Page.Locator("dialog");

    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public static async Task<Visit> StartAsync(Chromium chromium, Uri host, int width = Wide, ColorScheme scheme = ColorScheme.Light)
    {
        var context = await chromium.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(Chromium.Deadline);
        return new Visit(host, context, await context.NewPageAsync());
    }

    /// <summary>Opens the page with a key, at a view such as <c>dead-letters</c>.</summary>
    public async Task OpenAsync(string key, string view = "")
    {
        await Page.GotoAsync(new Uri(_host, $"/api/ui#key={Uri.EscapeDataString(key)}").ToString());
        await Assertions.Expect(Page.Locator("nav[aria-label=Views]")).ToBeVisibleAsync();
        if (view.Length > 0)
            await GoAsync(view);
    }

    public Task GoAsync(string view) => Page.EvaluateAsync("view => { location.hash = `#/${view}`; }", view);

    /// <summary>Opens a view and waits until it has its answers.</summary>
    public async Task SeeAsync(string view)
    {
        await GoAsync(view);
        await Assertions.Expect(Page.Locator(".view")).ToBeVisibleAsync();
        await Assertions.Expect(Page.Locator(".loading")).ToHaveCountAsync(0);
    }

    /// <summary>Pauses the page's clock, which was installed before: no timer of the page runs any more.</summary>
    public async Task PauseClockAsync()
    {
        var now = await Page.EvaluateAsync<double>("Date.now()");
        // The time must not have passed yet.
        await Page.Clock.PauseAtAsync(DateTimeOffset.FromUnixTimeMilliseconds((long)now + 10_000).UtcDateTime);
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = name, Exact = true });

    public ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>No script failed, nothing broke the policy, and every request went to the process itself.</summary>
    public void AssertClean()
    {
        lock (_errors)
            Assert.Empty(_errors);
        Assert.All(Requests, request => Assert.True(
            request.StartsWith($"GET {_host}", StringComparison.Ordinal)
            || request.StartsWith($"POST {_host}", StringComparison.Ordinal)
            || request.StartsWith("GET data:image/svg+xml", StringComparison.Ordinal)
            || request.StartsWith("GET blob:", StringComparison.Ordinal),
            request));
    }

    public async Task AssertAccessibleAsync(string where)
    {
        var result = await Page.RunAxe(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "tag", Values = [.. Rules] } });
        var violations = result.Violations.SelectMany(rule => rule.Nodes.Select(
            node => $"{where}: {rule.Id}: {rule.Help} – {node.Html} {string.Join(' ', node.Any.Select(any => any.Message))}"));
        Assert.Empty(violations);
        Assert.NotEmpty(result.Passes);
    }

    /// <summary>Keeps a picture of the whole page in the folder <c>screenshots</c> beside the tests.</summary>
    public Task ShootAsync(string name) => Page.ScreenshotAsync(new PageScreenshotOptions
    {
        Path = Path.Combine(AppContext.BaseDirectory, "screenshots", $"{name}.png"),
        FullPage = true,
    });

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private static void Note(List<string> notes, string note)
    {
        lock (notes)
            notes.Add(note);
    }
}
