namespace EmailIngestion.Hostile.Scripts;

/// <summary>Hostile scripts.</summary>
internal sealed class ScriptPart : IPart
{
    public string Name => "scripts";

    public async IAsyncEnumerable<ScenarioResult> RunAsync(
        HostileOptions options, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield break;
    }
}
