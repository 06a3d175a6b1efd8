using System.Text.RegularExpressions;
using EmailIngestion.DevServers;
using EmailIngestion.Servers;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Integration.Tests.Autoscaling;

/// <summary>Runs the commands of KEDA's scaler as the users of keda/README.md, with exactly their rights.</summary>
public sealed partial class KedaUserTests
{
    private static readonly string[] Users =
        [.. Acl().Matches(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Autoscaling", "keda.md"))).Select(match => match.Value)];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_user_of_Redis_reads_every_trigger_and_nothing_more()
    {
        await using var redis = await RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, Cancel);
        string stream = new StreamKeys("").Stream!;
        await RedisQuestion.AskAsync(redis.Port, null, Cancel, "XGROUP", "CREATE", stream, StreamKeys.Group, "0", "MKSTREAM");
        await SetAsync(redis.Port, Users[0]);
        string[] needed =
            [
                "HELLO 3", "CLIENT SETNAME keda", "PING", "INFO", $"XPENDING {stream} {StreamKeys.Group}", $"XINFO GROUPS {stream}",
                $"XLEN {stream}",
            ];
        foreach (var command in needed)
            Assert.DoesNotContain("NOPERM", await AnswerAsync(redis.Port, command), StringComparison.Ordinal);
        string[] refused =
            [$"XRANGE {stream} - +", $"XADD {stream} * a b", $"DEL {stream}", "FLUSHALL", "CONFIG GET *", "XLEN other", "SUBSCRIBE any"];
        foreach (var command in refused)
            Assert.Contains("NOPERM", await AnswerAsync(redis.Port, command), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_user_of_the_Sentinels_finds_the_primary_and_receives_failovers()
    {
        await using var redis = await RedisProcess.StartAsync(new RedisProcessOptions(), TimeProvider.System, Cancel);
        await using var sentinel = await SentinelProcess.StartAsync(
            [$"sentinel monitor {SentinelProcesses.ServiceName} 127.0.0.1 {redis.Port} 1"], TimeProvider.System, Cancel);
        await SetAsync(sentinel.Port, Users[1]);
        var primary = await AnswerAsync(sentinel.Port, $"SENTINEL GET-MASTER-ADDR-BY-NAME {SentinelProcesses.ServiceName}");
        Assert.Contains($"{redis.Port}", primary, StringComparison.Ordinal);
        string[] needed =
            ["HELLO 3", "PING", $"SENTINEL SENTINELS {SentinelProcesses.ServiceName}", "SUBSCRIBE +switch-master +replica-reconf-done"];
        foreach (var command in needed)
            Assert.DoesNotContain("NOPERM", await AnswerAsync(sentinel.Port, command), StringComparison.Ordinal);
        foreach (var command in (string[])["SUBSCRIBE +sdown", "SHUTDOWN", "INFO"])
            Assert.Contains("NOPERM", await AnswerAsync(sentinel.Port, command), StringComparison.Ordinal);
    }

    private static async Task SetAsync(int port, string user)
    {
        var answer = await RedisQuestion.AskAsync(
            port, null, Cancel, user.Replace(">PASSWORD", ">secret", StringComparison.Ordinal).Split(' '));
        Assert.Equal("OK", answer);
    }

    // Each command has its own connection, because a subscribed connection receives only messages.
    private static async Task<string> AnswerAsync(int port, string command)
    {
        var all = "";
        var complete = await Loopback.AnswersAsync(
            port,
            $"AUTH keda secret\r\n{command}\r\n",
            heard =>
            {
                all = heard;
                return heard.EndsWith("\r\n", StringComparison.Ordinal) && heard.Length > "+OK\r\n".Length;
            },
            TimeProvider.System,
            Cancel);
        Assert.True(complete, $"{command} is answered: {all}");
        Assert.StartsWith("+OK\r\n", all, StringComparison.Ordinal);
        return all;
    }

    [GeneratedRegex(@"^ACL SETUSER keda .+$", RegexOptions.Multiline)]
    private static partial Regex Acl();
}
