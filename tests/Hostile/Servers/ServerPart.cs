namespace EmailIngestion.Hostile.Servers;

/// <summary>Hostile servers.</summary>
internal sealed class ServerPart : IPart
{
    public string Name => "servers";

    public async IAsyncEnumerable<ScenarioResult> RunAsync(
        HostileOptions options, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield break;
    }
}
