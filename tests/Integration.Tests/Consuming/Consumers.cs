using EmailIngestion.Hosting;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Starts consumers in this process and checks their state in Redis.</summary>
internal static class Consumers
{
    public static readonly Func<Messages.EmailMessage, CancellationToken, Task> Completes = (_, _) => Task.CompletedTask;

    public static async Task<TestPartition> PartitionWithMailAsync(this TestServers servers, int count)
    {
        var partition = new TestPartition(servers);
        await partition.EnsureGroupAsync();
        if (count > 0)
            await Mails.AppendAsync(partition.Partition.Stream, count);
        return partition;
    }

    /// <summary>Starts a consumer whose processor follows the script. The given settings override the partition's.</summary>
    public static Task<WebApplication> StartConsumerAsync(
        this TestPartition partition, ProcessorScript script, params (string Name, string Value)[] settings) =>
        partition.StartConsumerAsync(partition.Settings(), script, settings);

    public static Task<WebApplication> StartConsumerAsync(
        this TestPartition partition, LocalSettings all, ProcessorScript script, params (string Name, string Value)[] settings)
    {
        all["Polling:Enabled"] = "false";
        all["Processing:Processor"] = ScriptedProcessor.Name;
        foreach (var (name, value) in settings)
            all[name] = value;
        return partition.StartHostAsync(
            all, services => services.AddSingleton(script).AddEmailProcessor<ScriptedProcessor>(ScriptedProcessor.Name));
    }

    public static Task DrainedAsync(this TestPartition partition, TimeSpan? within = null) =>
        DrainedAsync(partition.Database, partition.Keys, within);

    /// <summary>Waits until everything is read and settled and the stream is trimmed.</summary>
    public static async Task DrainedAsync(IDatabase database, StreamKeys keys, TimeSpan? within = null)
    {
        await Eventually.TrueAsync(
            async () => await database.StreamLengthAsync(keys.Stream) == 0, "the stream is settled and trimmed", within);
        var group = (await database.StreamGroupInfoAsync(keys.Stream)).Single(one => one.Name == StreamKeys.Group);
        Assert.Equal((0, 0L), (group.PendingMessageCount, group.Lag));
    }

    /// <summary>Returns how many emails have a processed ID.</summary>
    public static async Task<long> ProcessedAsync(IDatabase database, StreamKeys keys)
    {
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        // A test that runs over midnight fills the sets of two days.
        return await database.SetLengthAsync(keys.ProcessedIds(today)) + await database.SetLengthAsync(
            keys.ProcessedIds(today.AddDays(-1)));
    }

    public static Task<IReadOnlyList<DeadLetter>> DeadLettersAsync(this TestPartition partition) =>
        partition.Partition.DeadLetters.ListAsync(1_000, null, null, null, CancellationToken.None);

    public static async Task<DeadLetter> OnlyDeadLetterAsync(this TestPartition partition)
    {
        await Eventually.TrueAsync(async () => (await partition.DeadLettersAsync()).Count > 0, "an email is dead-lettered");
        return Assert.Single(await partition.DeadLettersAsync());
    }
}
