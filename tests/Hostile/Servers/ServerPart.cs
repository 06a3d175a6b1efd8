using System.Runtime.CompilerServices;

namespace EmailIngestion.Hostile.Servers;

/// <summary>Polls hostile IMAP servers, each beside a good one. The poller runs in this process, so a crash ends this program.</summary>
internal sealed class ServerPart : IPart
{
    public string Name => "servers";

    public async IAsyncEnumerable<ScenarioResult> RunAsync(
        HostileOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var bench = await PollBench.StartAsync(cancellationToken);
        // The first poll compiles the code that all polls use.
        await bench.RunAsync(new Scenario("warm up", _ => { }, ""), cancellationToken);
        foreach (var scenario in ConnectionScenarios.All.Concat(FolderScenarios.All).Where(scenario => !options.Quick || !scenario.IsSlow))
            yield return await bench.RunAsync(scenario, cancellationToken);
    }
}
