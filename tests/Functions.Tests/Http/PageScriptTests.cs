using EmailIngestion.Functions.Page;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

/// <summary>How the page's modules become one script.</summary>
public sealed class PageScriptTests
{
    [Fact]
    public void A_module_comes_once_and_before_those_that_import_it()
    {
        var script = Join(
            ("main.js", "import { a } from './a.js';\nimport { b } from './views/b.js';\na();\n"),
            ("a.js", "export const a = () => 1;\n"),
            ("views/b.js", "import { a } from '../a.js';\nexport function b() {}\n"));
        Assert.Equal(
            "'use strict';\n"
            + "const module_a_js = (() => {\nconst a = () => 1;\nreturn { a };\n})();\n"
            + "const module_views_b_js = (() => {\nconst { a } = module_a_js;\nfunction b() {}\nreturn { b };\n})();\n"
            + "const module_main_js = (() => {\nconst { a } = module_a_js;\nconst { b } = module_views_b_js;\na();\nreturn {  };\n})();\n",
            script);
    }

    [Theory]
    [InlineData("import { a } from './none.js';\n", "none.js of the page is missing")]
    [InlineData("import { a } from './main.js';\n", "main.js of the page imports itself")]
    [InlineData("import a from './a.js';\n", "unsupported line: import a from './a.js';")]
    [InlineData("export default 1;\n", "unsupported line: export default 1;")]
    [InlineData("const a = '</script>';\n", "has '</script'")]
    [InlineData("const a = '<!--';\n", "has '</script' or '<!--'")]
    public void What_cannot_be_joined_is_named(string module, string says)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Join(("main.js", module)));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
    }

    private static string Join(params (string Name, string Text)[] files) =>
        PageScript.Join(files.ToDictionary(file => file.Name, file => file.Text, StringComparer.Ordinal), "main.js");
}
