using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Streams;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>
/// Redis 8 refuses redis.acl_check_cmd with too few or too many arguments. Older versions do not, so the test replaces the function with
/// one that does.
/// </summary>
public sealed class RightsArityTests(TestServers servers)
{
    private const string Strict = """
        local redis = setmetatable({acl_check_cmd = function(...)
          local words = {...}
          local arity = redis.call('COMMAND', 'INFO', words[1])[1][2]
          if #words ~= arity and (arity > 0 or #words < -arity) then
            error(words[1] .. ' is asked with ' .. #words .. ' words, it takes ' .. arity)
          end
          return true
        end}, {__index = redis})
        """;

    [Fact]
    public async Task Each_right_is_checked_with_as_many_arguments_as_its_command_takes()
    {
        await using var partition = new TestPartition(servers);
        var script = Scripts.Rights.Split('\n', 2);
        // Without pcall, so that an error names the command.
        var asks = script[1].Replace("pcall(redis.acl_check_cmd, ", "true, redis.acl_check_cmd(", StringComparison.Ordinal);
        Assert.NotEqual(script[1], asks);
        var strict = $"{script[0]}\n{Strict}\n{asks}";
        var rights = new StreamRights(partition.Keys, TimeProvider.System);

        foreach (var use in new[] { StreamUse.PollIntoRedis, StreamUse.Consume })
        {
            var needs = rights.Needs(use).SelectMany(need => need).ToArray();
            var reply = (RedisResult[])(await partition.Database.ScriptEvaluateAsync(strict, [partition.Keys.Stream], needs))!;
            Assert.Single(reply);
        }
    }
}
