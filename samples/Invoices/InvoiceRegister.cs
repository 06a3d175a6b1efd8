using EmailIngestion.Configuration;
using Microsoft.Extensions.Configuration;

namespace Invoices;

/// <summary>
/// One invoice, in a file of the folder <c>Invoices:Folder</c>. Each run of the processor gets a register of its own. The end of the run
/// disposes it, and an invoice that was not saved is discarded.
/// </summary>
internal sealed class InvoiceRegister(IConfiguration configuration) : IAsyncDisposable
{
    private readonly string _folder = configuration["Invoices:Folder"]
        ?? throw new SettingsException("Invoices:Folder is missing: give the folder that the invoices go to.");

    private FileStream? _draft;
    private string _target = "";

    /// <summary>Adds the invoice. It is not kept before <see cref="SaveAsync"/>.</summary>
    /// <param name="id">The file's name. The email's ID is the same for a repeated delivery, which replaces the file.</param>
    /// <param name="pdf">The invoice.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    public async Task AddAsync(string id, Stream pdf, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_folder);
        _target = Path.Combine(_folder, $"{id}.pdf");
        _draft = new FileStream(Path.Combine(_folder, $"{id}.{Guid.NewGuid():N}.draft"), FileMode.CreateNew, FileAccess.Write);
        await pdf.CopyToAsync(_draft, cancellationToken);
    }

    /// <summary>Keeps what was added.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        await _draft!.FlushAsync(cancellationToken);
        File.Move(_draft.Name, _target, overwrite: true);
    }

    /// <summary>Checks that a file can be written.</summary>
    /// <exception cref="IOException">The folder or a file cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">Another user owns the folder.</exception>
    public void CheckFolder()
    {
        Directory.CreateDirectory(_folder);
        using var file = File.Create(Path.Combine(_folder, $"{Guid.NewGuid():N}.check"), bufferSize: 1, FileOptions.DeleteOnClose);
    }

    public async ValueTask DisposeAsync()
    {
        if (_draft is null)
            return;
        await _draft.DisposeAsync();
        File.Delete(_draft.Name);
    }
}
