using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console.Rendering;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>What a running command has: its flags, the server, and where it writes.</summary>
internal sealed class OperatingContext(ParseResult parse, OperatingClient client, OperatingConsole console, bool json, string? partition)
{
    public OperatingClient Client => client;

    public OperatingConsole Console => console;

    /// <summary>Whether the server's JSON is written instead of tables.</summary>
    public bool Json => json;

    /// <summary>The value of <c>--partition</c>.</summary>
    public string? Partition => partition;

    public T? Get<T>(Option<T> option) => parse.GetValue(option);

    public T? Get<T>(Argument<T> argument) => parse.GetValue(argument);

    /// <summary>Gets an answer, and writes it as JSON or by <paramref name="render"/>.</summary>
    public async Task<int> ShowAsync<T>(
        string path, OperatingQuery query, JsonTypeInfo<T> type, Func<T, IRenderable> render, CancellationToken cancellationToken) =>
        Show(await client.GetAsync(path, query, type, cancellationToken), render);

    /// <summary>Writes an answer as JSON or by <paramref name="render"/>.</summary>
    public int Show<T>(OperatingAnswer<T> answer, Func<T, IRenderable> render)
    {
        if (json)
            WriteJson(answer.Json);
        else
            console.Out.Write(render(answer.Value));
        return OperatingExit.Done;
    }

    /// <summary>Writes JSON without a line break of the console's width.</summary>
    public void WriteJson(string text)
    {
        console.OutText.WriteLine(text);
        console.OutText.Flush();
    }

    /// <summary>Asks a person. <c>--yes</c> answers for scripts.</summary>
    /// <exception cref="OperatingException">Nobody can be asked, or the person does not confirm.</exception>
    public async Task ConfirmAsync(string question, bool yes, CancellationToken cancellationToken)
    {
        if (yes)
            return;
        if (!console.CanAsk)
            throw new OperatingException(OperatingExit.Usage, $"{question} Without a terminal, confirm with --yes. Nothing was changed.");
        console.ErrorText.Write($"{ShownText.Clean(question, ShownText.MaxMessage)} [y/N] ");
        console.ErrorText.Flush();
        var answer = await console.Input.ReadLineAsync(cancellationToken);
        if (answer?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
            throw new OperatingException(OperatingExit.Refused, "Not confirmed. Nothing was changed.");
    }
}
