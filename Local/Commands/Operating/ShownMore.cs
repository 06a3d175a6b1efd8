using Spectre.Console;
using Spectre.Console.Rendering;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>The line below a page that is not the last.</summary>
internal static class ShownMore
{
    public static IEnumerable<IRenderable> After(string? after)
    {
        if (after is not null)
            yield return new Text($"More: add --after {ShownText.Clean(after)}");
    }
}
