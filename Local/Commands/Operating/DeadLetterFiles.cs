using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EmailIngestion.Configuration;
using Spectre.Console;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary><c>dlq raw</c> and <c>dlq export</c>: save messages as files that only their owner can read.</summary>
internal static partial class DeadLetterFiles
{
    private const string Zip = "application/zip";

    public static Command Raw(OperatingCommands commands)
    {
        var id = DeadLetterCommands.Id();
        var (output, force) = (Output("The file for the message. Default: standard output, unless that is a terminal."), Force());
        var raw = commands.Make(
            "raw",
            "Saves the message of a dead letter.",
            (context, cancellationToken) => SaveAsync(
                context,
                $"{DeadLetterCommands.Path(context.Get(id)!)}/raw",
                new OperatingQuery(),
                "message/rfc822",
                context.Get(output),
                context.Get(force),
                cancellationToken));
        raw.Arguments.Add(id);
        raw.Options.Add(output);
        raw.Options.Add(force);
        return raw;
    }

    public static Command Export(OperatingCommands commands)
    {
        var filter = new DeadLetterFilter();
        var (output, force) = (Output("The file for the archive (.zip). Default: standard output, unless that is a terminal."), Force());
        var after = new Option<string?>("--after")
        {
            Description = "Continues an archive that was full: one has at most 20,000 dead letters, and the command says how to go on.",
        };
        var export = commands.Make(
            "export",
            "Saves dead letters as a ZIP archive: a .eml for each, and dead-letters.json.",
            (context, cancellationToken) => SaveAsync(
                context,
                "dlq/export",
                filter.AddTo(new OperatingQuery(), context).With("after", context.Get(after)),
                Zip,
                context.Get(output),
                context.Get(force),
                cancellationToken));
        filter.AddTo(export);
        export.Options.Add(after);
        export.Options.Add(output);
        export.Options.Add(force);
        return export;
    }

    private static Option<string?> Output(string description) => new("--output", "-o") { Description = description };

    private static Option<bool> Force() => new("--force") { Description = "Replaces an existing file, or writes bytes to a terminal." };

    private static async Task<int> SaveAsync(
        OperatingContext context, string path, OperatingQuery query, string mediaType, string? file, bool force,
        CancellationToken cancellationToken)
    {
        if (file is null or "-")
        {
            // Mail may hold sequences that a terminal obeys.
            if (context.Console.IsTerminal && !force)
            {
                throw new OperatingException(
                    OperatingExit.Usage, "A message is not written to a terminal, which may obey what is in it: give -o FILE, or --force.");
            }

            if (context.Json)
                throw new OperatingException(OperatingExit.Usage, "--json needs -o FILE here, since the bytes go to standard output.");
            var written = await context.Client.DownloadAsync(path, query, mediaType, context.Console.OpenOutput, cancellationToken);
            SayMore(context, After(written, mediaType));
            return OperatingExit.Done;
        }

        if (File.Exists(file) && !force)
            throw new OperatingException(OperatingExit.Usage, $"{file} exists already: give another name, or --force.");
        var (bytes, after) = await SaveAsync(context, path, query, mediaType, file, cancellationToken);
        if (context.Json)
            context.WriteJson(new JsonObject { ["file"] = Path.GetFullPath(file), ["bytes"] = bytes, ["after"] = after }.ToJsonString());
        else
            context.Console.Out.Write(new Text($"{file}: {ShownText.Bytes(bytes)}\n"));
        SayMore(context, after);
        return OperatingExit.Done;
    }

    // The name is taken when the file is whole.
    private static async Task<(long Bytes, string? After)> SaveAsync(
        OperatingContext context, string path, OperatingQuery query, string mediaType, string file, CancellationToken cancellationToken)
    {
        var temporary = $"{file}.{Guid.NewGuid():N}.tmp";
        try
        {
            var written = await context.Client.DownloadAsync(
                path,
                query,
                mediaType,
                () => PrivateFiles.Create(temporary, UnixMode.OwnersFile, useAsync: true).File,
                cancellationToken);
            File.Move(temporary, file, overwrite: true);
            return (written.Bytes, After(written, mediaType));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OperatingException(OperatingExit.Error, $"{file} cannot be written: {PrivateFiles.Reason(e)}");
        }
        finally
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
        }
    }

    private static void SayMore(OperatingContext context, string? after)
    {
        if (after is not null)
            context.Console.Say($"The archive is full, and more dead letters match: save the next one with --after {after}.");
    }

    // The comment of an archive that is full is at its end.
    private static string? After(Download written, string mediaType) =>
        mediaType == Zip && Comment().Match(Encoding.Latin1.GetString(written.End)) is { Success: true } match
            ? match.Groups["after"].Value
            : null;

    [GeneratedRegex(@"after=(?<after>[0-9]+-[0-9]+)\z")]
    private static partial Regex Comment();
}
