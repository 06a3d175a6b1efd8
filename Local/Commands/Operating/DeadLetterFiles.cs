using System.CommandLine;
using System.Text.Json.Nodes;
using EmailIngestion.Configuration;
using Spectre.Console;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary><c>dlq raw</c> and <c>dlq export</c>: save messages as files that only their owner can read.</summary>
internal static class DeadLetterFiles
{
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
            Description = "Continues an archive: the `after` in its dead-letters.json. One has at most 20,000 dead letters.",
        };
        var export = commands.Make(
            "export",
            "Saves dead letters as a ZIP archive: a .eml for each, and dead-letters.json.",
            (context, cancellationToken) => SaveAsync(
                context,
                "dlq/export",
                filter.AddTo(new OperatingQuery(), context).With("after", context.Get(after)),
                "application/zip",
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
            await context.Client.DownloadAsync(path, query, mediaType, context.Console.OpenOutput, cancellationToken);
            return OperatingExit.Done;
        }

        if (File.Exists(file) && !force)
            throw new OperatingException(OperatingExit.Usage, $"{file} exists already: give another name, or --force.");
        var bytes = await SaveAsync(context, path, query, mediaType, file, cancellationToken);
        if (context.Json)
            context.WriteJson(new JsonObject { ["file"] = Path.GetFullPath(file), ["bytes"] = bytes }.ToJsonString());
        else
            context.Console.Out.Write(new Text($"{file}: {ShownText.Bytes(bytes)}\n"));
        return OperatingExit.Done;
    }

    // The name is taken when the file is whole.
    private static async Task<long> SaveAsync(
        OperatingContext context, string path, OperatingQuery query, string mediaType, string file, CancellationToken cancellationToken)
    {
        var temporary = $"{file}.{Guid.NewGuid():N}.tmp";
        try
        {
            var bytes = await context.Client.DownloadAsync(
                path, query, mediaType, () => PrivateFiles.Create(temporary, UnixMode.OwnersFile, useAsync: true).File, cancellationToken);
            File.Move(temporary, file, overwrite: true);
            return bytes;
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
}
