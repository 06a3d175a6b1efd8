using EmailIngestion.Page.Tests.Support;
using Microsoft.Playwright;
using Xunit;

namespace EmailIngestion.Page.Tests;

/// <summary>The message of a dead letter is read as a mail program would, and shown as text.</summary>
public sealed class MessageTests(Chromium chromium, Servers servers)
{
    [Fact]
    public async Task Text_headers_and_attachments_are_decoded()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await pipeline.DeadLetterAsync("No such customer", string.Join("\r\n",
            "From: =?iso-8859-1?q?J=F6rg?= <joerg@example.org>",
            "Subject: =?utf-8?b?R3LDvMOfZQ==?= =?utf-8?q?_aus_K=C3=B6ln?=",
            "X-Folded: one",
            " two",
            "MIME-Version: 1.0",
            "Content-Type: multipart/mixed; boundary=\"outer\"",
            "",
            "--outer",
            "Content-Type: multipart/alternative; boundary=inner",
            "",
            "--inner",
            "Content-Type: text/html; charset=utf-8",
            "",
            "<p>Not this one</p>",
            "--inner",
            "Content-Type: text/plain; charset=iso-8859-1",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            "Gr=FC=DFe =",
            "aus K=F6ln",
            "--inner--",
            "--outer",
            "Content-Type: application/pdf; name=\"=?utf-8?q?M=C3=A4rz=2Epdf?=\"",
            "Content-Transfer-Encoding: base64",
            "",
            "AAAA",
            "--outer--",
            ""));
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, "dead-letters/all");
        await visit.Page.Locator("[data-row]").ClickAsync();

        await Assertions.Expect(visit.Page.Locator(".mail")).ToHaveTextAsync("Grüße aus Köln");
        await Assertions.Expect(visit.Page.Locator(".message .lines")).ToContainTextAsync("März.pdf");
        await visit.Button("Headers").ClickAsync();
        await Assertions.Expect(Header("Subject")).ToHaveTextAsync("Grüße aus Köln");
        await Assertions.Expect(Header("From")).ToHaveTextAsync("Jörg <joerg@example.org>");
        await Assertions.Expect(Header("X-Folded")).ToHaveTextAsync("one two");
        visit.AssertClean();

        ILocator Header(string name)
        {
            var term = visit.Page.Locator("dt").GetByText(name, new LocatorGetByTextOptions { Exact = true });
            return visit.Page.Locator(".headers div", new PageLocatorOptions { Has = term }).Locator("dd");
        }
    }

    [Fact]
    public async Task A_message_is_saved_as_it_arrived()
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        var email = Pipeline.Email(1);
        await pipeline.DeadLetterAsync("No such customer", email);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key, "dead-letters/all");
        await visit.Page.Locator("[data-row]").ClickAsync();
        var saved = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Button("Download").ClickAsync());
        Assert.EndsWith(".eml", saved.SuggestedFilename, StringComparison.Ordinal);
        Assert.Equal(email, await File.ReadAllTextAsync(await saved.PathAsync(), TestContext.Current.CancellationToken));
        visit.AssertClean();
    }

    [Theory]
    [InlineData("document.body.innerHTML = '<img src=x>'")]
    [InlineData("document.body.insertAdjacentHTML('beforeend', '<img src=x>')")]
    [InlineData("document.createElement('script').textContent = 'window.hostile = 1'")]
    [InlineData("new DOMParser().parseFromString('<p>', 'text/html')")]
    public async Task Even_a_bug_of_the_page_cannot_make_markup_of_text(string code)
    {
        await using var pipeline = await Pipeline.StartAsync(servers);
        await using var visit = await Visit.StartAsync(chromium, pipeline.Url);
        await visit.OpenAsync(pipeline.Key);
        var refused = await visit.Page.EvaluateAsync<string>(
            $"() => {{ try {{ {code}; return 'accepted'; }} catch (e) {{ return e.name; }} }}");
        Assert.Equal("TypeError", refused);
    }
}
