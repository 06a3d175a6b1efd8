namespace EmailIngestion.Hostile.Entries;

/// <summary>Hostile entries.</summary>
internal sealed class EntryPart : IPart
{
    public string Name => "entries";

    public async IAsyncEnumerable<ScenarioResult> RunAsync(
        HostileOptions options, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield break;
    }
}
