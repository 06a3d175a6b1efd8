using System.Reflection;
using System.Runtime.CompilerServices;
using EmailIngestion.DevServers;
using StackExchange.Redis;

namespace EmailIngestion.Hostile.Scripts;

/// <summary>Runs every script, with each of its commands failing in turn.</summary>
internal sealed class ScriptPart : IPart
{
    public string Name => "scripts";

    /// <summary>The scripts of the product by name.</summary>
    internal static IReadOnlyDictionary<string, string> All { get; } = typeof(Streams.Scripts)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .ToDictionary(field => field.Name, field => (string)field.GetValue(null)!, StringComparer.Ordinal);

    public async IAsyncEnumerable<ScenarioResult> RunAsync(
        HostileOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var server = await RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, cancellationToken);
        await using var admin = await ConnectionMultiplexer.ConnectAsync($"{server.ConnectionString},protocol=resp2,allowAdmin=true");
        var database = admin.GetDatabase();
        await database.ExecuteAsync("ACL", "SETUSER", FailingScript.User, "on", "nopass", "~*", "+@all", "allchannels");
        await using var victim = await ConnectionMultiplexer.ConnectAsync(
            $"{server.ConnectionString},protocol=resp2,user={FailingScript.User},password=any");
        foreach (var (name, text) in All)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var scenarios = ScriptScenarios.All.Where(scenario => scenario.Name == name).ToArray();
            var (runs, failures) = (0, 0);
            var broken = new List<string>();
            foreach (var scenario in scenarios)
            {
                var result = await new FailingScript(scenario, text, database, victim.GetDatabase()).RunAsync();
                (runs, failures) = (runs + result.Runs, failures + result.Failures);
                broken.AddRange(result.Broken);
                if (result.Failures == 0)
                    broken.Add("nothing failed");
            }

            if (scenarios.Length == 0)
                broken.Add("it has no scenario");
            yield return new ScenarioResult(
                Name, name, text.Length, TimeSpan.Zero, 0, $"{failures} of {runs} runs failed",
                Broken: broken.Count > 0 ? string.Join(" | ", broken) : null);
        }
    }
}
