using System.Text;
using System.Text.RegularExpressions;

namespace EmailIngestion.Functions.Page;

/// <summary>
/// Joins the page's modules into one script, because a self-contained page cannot import files. Each module becomes a function that is
/// called once and returns its exports. Modules import each other by <c>import { a, b } from './file.js';</c>, without circles; they export
/// constants, functions and classes.
/// </summary>
internal sealed partial class PageScript(IReadOnlyDictionary<string, string> files)
{
    private readonly HashSet<string> _begun = new(StringComparer.Ordinal);
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);
    private readonly StringBuilder _script = new("'use strict';\n");

    /// <exception cref="InvalidOperationException">A module is missing, or is written in a way that is not supported.</exception>
    public static string Join(IReadOnlyDictionary<string, string> files, string entry)
    {
        var script = new PageScript(files);
        script.Add(entry);
        var text = script._script.ToString();
        // Both would end or change the script element.
        if (text.Contains("</script", StringComparison.OrdinalIgnoreCase) || text.Contains("<!--", StringComparison.Ordinal))
            throw new InvalidOperationException("A module of the page has '</script' or '<!--' in it.");
        return text;
    }

    private void Add(string file)
    {
        if (_done.Contains(file))
            return;
        if (!_begun.Add(file))
            throw new InvalidOperationException($"The module {file} of the page imports itself, over others.");
        if (!files.TryGetValue(file, out var text))
            throw new InvalidOperationException($"The module {file} of the page is missing.");
        text = Import().Replace(text, match =>
        {
            var imported = Resolve(file, match.Groups["from"].Value);
            Add(imported);
            return $"const {{{match.Groups["names"].Value}}} = {NameOf(imported)};";
        });
        var exports = new List<string>();
        text = Export().Replace(text, match =>
        {
            exports.Add(match.Groups["name"].Value);
            return $"{match.Groups["kind"].Value} {match.Groups["name"].Value}";
        });
        if (Other().Match(text) is { Success: true } other)
            throw new InvalidOperationException($"The module {file} of the page has an unsupported line: {other.Value}");
        _script.Append("const ").Append(NameOf(file)).Append(" = (() => {\n").Append(text)
            .Append("return { ").AppendJoin(", ", exports).Append(" };\n})();\n");
        _done.Add(file);
    }

    private static string Resolve(string file, string from) =>
        new Uri(new Uri($"file:///{file}"), from).AbsolutePath.TrimStart('/');

    private static string NameOf(string file) => $"module_{NotAName().Replace(file, "_")}";

    [GeneratedRegex(@"^import \{(?<names>[^}]*)\} from '(?<from>[^']+)';$", RegexOptions.Multiline)]
    private static partial Regex Import();

    [GeneratedRegex(@"^export (?<kind>async function|function|class|const) (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Export();

    [GeneratedRegex(@"^(import|export)\b.*$", RegexOptions.Multiline)]
    private static partial Regex Other();

    [GeneratedRegex(@"\W")]
    private static partial Regex NotAName();
}
