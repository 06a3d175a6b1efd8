using System.Net;
using System.Text.Json;
using EmailIngestion.Functions.Tests.Support;
using Xunit;

namespace EmailIngestion.Functions.Tests.Http;

/// <summary>What KEDA's metrics-api scaler gets.</summary>
public sealed class ScalerTests(TestRedis redis)
{
    [Fact]
    public async Task The_numbers_of_a_partition_are_in_one_answer()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString);
        for (uint uid = 1; uid <= 3; uid++)
            await host.AppendAsync(uid, "Subject: x\r\n\r\n"u8.ToArray());
        await using var group = host.Partition.Join("reader", TimeSpan.FromMinutes(1));
        await group.Reader.ReadAsync(1, TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);

        var numbers = await host.GetJsonAsync("scaler");
        Assert.Equal(["partition", "lag", "pending", "length"], numbers.EnumerateObject().Select(field => field.Name));
        Assert.Equal(
            (host.Partition.Name, 2, 1, 3),
            (numbers.GetProperty("partition").GetString(), Number(numbers, "lag"), Number(numbers, "pending"), Number(numbers, "length")));
    }

    // A null is an error for its trigger alone, as by Redis: lag and length still scale.
    [Fact]
    public async Task Before_the_group_exists_only_pending_is_null_and_the_answer_says_why()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString, withGroup: false);
        var numbers = await host.GetJsonAsync("scaler");
        Assert.Equal((0, 0), (Number(numbers, "lag"), Number(numbers, "length")));
        Assert.Equal(JsonValueKind.Null, numbers.GetProperty("pending").ValueKind);
        Assert.StartsWith(
            "pending: NOGROUP", Assert.Single(numbers.GetProperty("problems").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_several_partitions_one_must_be_named()
    {
        await using var host = await TestHost.StartAsync(
            redis.ConnectionString, settings => settings["Streams:Partitions:1"] = $"{settings["Streams:Partitions:0"]}b");
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Get, "scaler"), HttpStatusCode.BadRequest, $"'{host.Partition.Name}b'");
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Get, "scaler?partition=none"), HttpStatusCode.BadRequest, "partition is 'none'");
        var numbers = await host.GetJsonAsync($"scaler?partition={host.Partition.Name}b");
        Assert.Equal($"{host.Partition.Name}b", numbers.GetProperty("partition").GetString());
    }

    [Fact]
    public async Task Where_nothing_can_be_read_the_answer_is_an_error()
    {
        await using var host = await TestHost.StartAsync(redis.ConnectionString, withGroup: false);
        await (await host.RedisAsync()).StringSetAsync(host.Keys.Stream, "x");
        await Problems.AssertAsync(
            await host.SendAsync(HttpMethod.Get, "scaler"), HttpStatusCode.InternalServerError, $"on {host.Keys.Stream}: WRONGTYPE");
    }

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();
}
