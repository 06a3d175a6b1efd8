using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace EmailIngestion.Hostile.Scripts;

/// <summary>
/// Runs one script with each failure in turn: a command or a key that its user may not use, a key of another type, full memory. After a
/// failure every key must be unchanged, to the last byte.
/// </summary>
internal sealed partial class FailingScript(ScriptScenario scenario, string text, IDatabase admin, IDatabase user)
{
    public const string User = "victim";

    private readonly List<string> _broken = [];
    private int _runs;
    private int _failures;

    /// <summary>Returns the number of runs, the number of failures, and the changes that failures made.</summary>
    public async Task<(int Runs, int Failures, IReadOnlyList<string> Broken)> RunAsync()
    {
        await RunAsync("nothing in the way", "~* +@all", mustSucceed: true);
        foreach (var command in Command().Matches(text).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal))
            await RunAsync($"{command} denied", $"~* +@all -{command}");

        await SetUpAsync();
        var keys = (await KeysAsync()).Concat(scenario.Keys).Append("email_ingestion_dlq_raw:*").Distinct(StringComparer.Ordinal).ToArray();
        foreach (var key in keys)
        {
            await RunAsync($"{key} denied", $"+@all {string.Join(' ', keys.Where(other => other != key).Select(other => $"~{other}"))}");
            await RunAsync(
                $"{key} only to be read",
                $"+@all %R~{key} {string.Join(' ', keys.Where(other => other != key).Select(other => $"~{other}"))}");
        }

        foreach (var key in keys.Where(key => !key.EndsWith('*')))
            await RunAsync($"{key} of another type", "~* +@all", otherType: key);
        await RunAsync("full memory", "~* +@all", full: true);
        return (_runs, _failures, _broken);
    }

    private async Task RunAsync(string what, string rights, bool mustSucceed = false, string? otherType = null, bool full = false)
    {
        await SetUpAsync();
        if (otherType is not null)
            await OfOtherTypeAsync(otherType);
        await admin.ExecuteAsync("ACL", ["SETUSER", User, "on", "nopass", "resetkeys", "allchannels", .. rights.Split(' ')]);
        await admin.ExecuteAsync("CONFIG", "SET", "maxmemory", full ? 1 : 0);
        var before = await StateAsync();
        _runs++;
        try
        {
            await user.ExecuteAsync(
                "EVAL", [text, scenario.Keys.Length, .. scenario.Keys.Select(key => (RedisKey)key), .. scenario.Arguments]);
        }
        catch (RedisServerException e)
        {
            _failures++;
            if (mustSucceed)
                _broken.Add($"{what}: {e.Message}");
            var after = await StateAsync();
            foreach (var key in before.Keys.Union(after.Keys).Except(scenario.TakesBack)
                .Where(key => before.GetValueOrDefault(key) != after.GetValueOrDefault(key)))
                _broken.Add($"{what}: {key} is not as it was after: {e.Message}");
        }
        finally
        {
            await admin.ExecuteAsync("CONFIG", "SET", "maxmemory", 0);
        }
    }

    private async Task SetUpAsync()
    {
        await admin.ExecuteAsync("FLUSHALL");
        foreach (var line in ScriptScenarios.State.Concat(scenario.Setup))
        {
            string[] words = [.. line.Split(' ').Select(word => word.Replace(ScriptScenarios.Space, ' '))];
            await admin.ExecuteAsync(words[0], [.. words[1..]]);
        }
    }

    private async Task OfOtherTypeAsync(string key)
    {
        var type = await admin.KeyTypeAsync(key);
        await admin.KeyDeleteAsync(key);
        if (type is RedisType.String)
            await admin.ListRightPushAsync(key, "of another type");
        else
            await admin.StringSetAsync(key, "of another type");
    }

    private async Task<string[]> KeysAsync() => (string[])(await admin.ExecuteAsync("KEYS", "*"))!;

    private async Task<Dictionary<string, string>> StateAsync()
    {
        var state = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in await KeysAsync())
        {
            var lives = (long)await admin.ExecuteAsync("PTTL", key) >= 0;
            state[key] = $"{lives} {Convert.ToHexString((byte[])(await admin.ExecuteAsync("DUMP", key))!)}";
        }

        return state;
    }

    [GeneratedRegex(@"redis\.p?call\('([A-Z]+)'")]
    private static partial Regex Command();
}
