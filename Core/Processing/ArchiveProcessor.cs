using System.Globalization;
using System.Text.Json;
using EmailIngestion.Configuration;
using EmailIngestion.Messages;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>
/// Writes two files for each email: <c>&lt;id&gt;.eml</c>, the raw message, and <c>&lt;id&gt;.json</c>, its summary. Each is written under
/// a temporary name and renamed. A repeated run writes the same files again. The summary is written last: where it exists, the message is
/// complete.
/// </summary>
internal sealed class ArchiveProcessor(IOptions<ArchiveOptions> options, ILogger<ArchiveProcessor> logger) : IEmailProcessor
{
    public const string Name = ArchiveOptions.Processor;

    private readonly UnixFileMode _fileMode = UnixMode.Parse(options.Value.FileMode);
    private readonly UnixFileMode _folderMode = UnixMode.Parse(options.Value.FolderMode);
    private bool _warned;

    /// <summary>Checks that the folder can be written, so that a wrong folder fails the start and not the deliveries.</summary>
    /// <exception cref="SettingsException">The folder cannot be written.</exception>
    public void Check()
    {
        var folder = Path.GetFullPath(options.Value.Folder);
        try
        {
            WarnUnless(PrivateFiles.CreateFolder(folder, _folderMode));
            PrivateFiles.Try(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"Archive:Folder {folder} cannot be written: {PrivateFiles.Reason(e)}");
        }
    }

    public async Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken)
    {
        var message = delivery.Email;
        var folder = Path.Combine(options.Value.Folder, message.Date.UtcDateTime.ToString("yyyy/MM/dd", CultureInfo.InvariantCulture));
        CreateFolder(folder);
        var path = Path.Combine(folder, message.Id.ToString());
        var summary = JsonSerializer.SerializeToUtf8Bytes(message.Parsed, ParsedEmailJson.Readable.ParsedEmail);
        await WriteAsync(path + ".eml", message.Raw, cancellationToken);
        await WriteAsync(path + ".json", summary, cancellationToken);
        if (options.Value.Durable)
            FolderSync.Run(folder);
    }

    // The folders of the archive, year, month and day may be new. The name of each one is synced in its parent folder.
    private void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        WarnUnless(PrivateFiles.CreateFolder(folder, _folderMode));
        if (!options.Value.Durable)
            return;
        for (var depth = 0; depth < 4 && Path.GetDirectoryName(folder) is { Length: > 0 } parent; depth++)
            FolderSync.Run(folder = parent);
    }

    private async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        // Each attempt has its own temporary file: an attempt that lost its lease may still be writing.
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            var (file, keepsMode) = PrivateFiles.Create(temporary, _fileMode, useAsync: true);
            await using (file)
            {
                WarnUnless(keepsMode);
                await file.WriteAsync(content, cancellationToken);
                if (options.Value.Durable)
                    file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    // Warns once: a share that does not keep permissions keeps them for no file.
    private void WarnUnless(bool keepsMode)
    {
        if (keepsMode || Interlocked.Exchange(ref _warned, true))
            return;
        Log.ModeNotKept(logger, options.Value.Folder);
    }
}
