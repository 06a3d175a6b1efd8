using EmailIngestion.Integration.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(Azurite))]

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>The Azurite of a run, started when a test first needs it. Each test has a container of its own.</summary>
public sealed class Azurite : IAsyncDisposable
{
    private readonly SemaphoreSlim _once = new(1);
    private AzuriteProcess? _process;

    internal async Task<AzuriteProcess> StartedAsync(NodePackages packages, CancellationToken cancellationToken)
    {
        await _once.WaitAsync(cancellationToken);
        try
        {
            return _process ??= await AzuriteProcess.StartAsync(packages, cancellationToken);
        }
        finally
        {
            _once.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _once.Dispose();
    }
}
