using EmailIngestion.Configuration;

namespace EmailIngestion.Processing.Archiving;

/// <summary>Where the archive is: a folder, or a container of blobs.</summary>
internal interface IArchiveTarget
{
    /// <summary>Checks that the archive can be written, so that a wrong setting fails the start and not the deliveries.</summary>
    /// <exception cref="SettingsException">The archive cannot be written.</exception>
    Task CheckAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Writes the files of one email, each after the one before is complete. A file has its name only when it is complete. It replaces an
    /// older file of that name.
    /// </summary>
    Task WriteAsync(IReadOnlyList<ArchiveFile> files, CancellationToken cancellationToken);
}
