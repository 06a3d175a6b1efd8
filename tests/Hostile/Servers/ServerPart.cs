using System.Runtime.CompilerServices;

namespace EmailIngestion.Hostile.Servers;

/// <summary>Hostile IMAP servers, each beside a good one. A death of the process is a death of this program.</summary>
internal sealed class ServerPart : IPart
{
    public string Name => "servers";

    public async IAsyncEnumerable<ScenarioResult> RunAsync(HostileOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var bench = await PollBench.StartAsync(cancellationToken);
        // The first poll compiles what all of them need.
        await bench.RunAsync(new Scenario("warm up", _ => { }, ""), cancellationToken);
        foreach (var scenario in ConnectionScenarios.All.Concat(FolderScenarios.All).Where(scenario => !options.Quick || !scenario.IsSlow))
            yield return await bench.RunAsync(scenario, cancellationToken);
    }
}
