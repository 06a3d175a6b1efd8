namespace EmailIngestion.Hostile.Mails;

/// <summary>Hostile mails.</summary>
internal sealed class MailPart : IPart
{
    public string Name => "mails";

    public async IAsyncEnumerable<ScenarioResult> RunAsync(
        HostileOptions options, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield break;
    }
}
