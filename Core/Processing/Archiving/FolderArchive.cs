using EmailIngestion.Configuration;
using EmailIngestion.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing.Archiving;

/// <summary>An archive in a folder. Each file is written under a temporary name and renamed.</summary>
internal sealed class FolderArchive(IOptions<ArchiveOptions> options, TimeProvider time, ILogger<FolderArchive> logger) : IArchiveTarget
{
    // The folders of the archive, year, month and day may be new.
    private const int MaxNewFolders = 4;

    private readonly string _root = options.Value.Folder;
    private readonly bool _durable = options.Value.Durable;
    private readonly UnixFileMode _fileMode = UnixMode.Parse(options.Value.FileMode);
    private readonly UnixFileMode _folderMode = UnixMode.Parse(options.Value.FolderMode);
    private readonly IncomingFolder _incoming = new(options.Value.Folder, time);
    private bool _warned;

    public Task CheckAsync(CancellationToken cancellationToken)
    {
        var folder = Path.GetFullPath(_root);
        try
        {
            WarnUnless(PrivateFiles.CreateFolder(folder, _folderMode));
            PrivateFiles.Try(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"Archive:Folder {folder} cannot be written: {PrivateFiles.Reason(e)}");
        }

        return Task.CompletedTask;
    }

    public async Task WriteAsync(IReadOnlyList<ArchiveFile> files, CancellationToken cancellationToken)
    {
        CreateFolder(_incoming.FullPath);
        Sweep();
        var day = Path.Combine(_root, files[0].Folder);
        if (CreateFolder(day))
            SyncAbove(day);
        var folder = day;
        foreach (var file in files)
        {
            var next = Path.Combine(_root, file.Folder);
            if (next != folder && next == day)
            {
                // The attachments are on disk before the summary.
                Sync(folder);
            }
            else if (next != folder)
            {
                CreateFolder(next);
            }

            folder = next;
            await WriteAsync(file, cancellationToken);
        }

        Sync(day);
    }

    private async Task WriteAsync(ArchiveFile file, CancellationToken cancellationToken)
    {
        var temporary = _incoming.NewFile();
        try
        {
            var (output, keepsMode) = PrivateFiles.Create(temporary, _fileMode, useAsync: true);
            await using (output)
            {
                WarnUnless(keepsMode);
                await using var content = file.Open();
                await content.CopyToAsync(output, cancellationToken);
                if (_durable)
                    output.Flush(flushToDisk: true);
            }

            File.Move(temporary, Path.Combine(_root, file.Name), overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private bool CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return false;
        WarnUnless(PrivateFiles.CreateFolder(folder, _folderMode));
        return true;
    }

    // The name of each new folder is synced in its parent folder.
    private void SyncAbove(string folder)
    {
        for (var depth = 0; depth < MaxNewFolders && Path.GetDirectoryName(folder) is { Length: > 0 } parent; depth++)
            Sync(folder = parent);
    }

    private void Sync(string folder)
    {
        if (_durable)
            FolderSync.Run(folder);
    }

    private void Sweep()
    {
        if (_incoming.Sweep() is var deleted and > 0)
            Log.TemporaryFilesDeleted(logger, deleted, _incoming.FullPath);
    }

    // Warns once: a share that does not keep permissions keeps them for no file.
    private void WarnUnless(bool keepsMode)
    {
        if (keepsMode || Interlocked.Exchange(ref _warned, true))
            return;
        Log.ModeNotKept(logger, _root);
    }
}
