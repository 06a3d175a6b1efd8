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
            if (ScriptScenarios.All.SingleOrDefault(scenario => scenario.Name == name) is not { } scenario)
            {
                yield return new ScenarioResult(Name, name, text.Length, TimeSpan.Zero, 0, "not run", Broken: "it has no scenario");
                continue;
            }

            var (runs, failures, broken) = await new FailingScript(scenario, text, database, victim.GetDatabase()).RunAsync();
            yield return new ScenarioResult(
                Name, name, text.Length, TimeSpan.Zero, 0, $"{failures} of {runs} runs failed",
                Broken: broken.Count > 0 ? string.Join(" | ", broken) : failures == 0 ? "nothing failed" : null);
        }
    }
}
