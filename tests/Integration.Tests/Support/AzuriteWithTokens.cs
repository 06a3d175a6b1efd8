using Xunit;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>The Azurite of one test class, with TLS. It accepts the tokens of identities.</summary>
public sealed class AzuriteWithTokens(NodePackages packages) : IAsyncLifetime
{
    internal TestAuthority Authority { get; } = new();

    internal AzuriteProcess Process { get; private set; } = null!;

    public async ValueTask InitializeAsync() =>
        Process = await AzuriteProcess.StartWithTokensAsync(packages, Authority, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (Process is not null)
            await Process.DisposeAsync();
        Authority.Dispose();
    }
}
