using System.Net;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads new entries by XREADGROUP, without a script and without regard to their bytes.</summary>
/// <param name="stream">The key.</param>
/// <param name="consumer">The name in the group.</param>
/// <param name="connection">The shared connection, over which a stop ends a wait.</param>
/// <param name="time">The clock.</param>
internal sealed class BlockingRead(RedisKey stream, string consumer, RedisConnection connection, TimeProvider time)
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);
    private static readonly Task<BlockedClient?> NotBlocked = Task.FromResult<BlockedClient?>(null);

    /// <summary>What is there already, without a wait that a stop would have to end.</summary>
    public async Task<List<Delivery>> ReadWaitingAsync(IDatabase database, int count, CancellationToken cancellationToken)
    {
        var reply = database.StreamReadGroupAsync(stream, StreamKeys.Group, consumer, StreamPosition.NewMessages, count);
        await UntilEndedAsync(reply, NotBlocked, cancellationToken);
        return DeliveryReply.Read(await reply);
    }

    /// <summary>Waits for the first entry. Empty when none came.</summary>
    public async Task<List<Delivery>> ReadBlockingAsync(IDatabase database, int count, TimeSpan block, CancellationToken cancellationToken)
    {
        // In front of the read on the same connection, so that a stop can end the wait by this client's id.
        var client = ClientAsync(database);
        var reply = database.ExecuteAsync(
            "XREADGROUP", "GROUP", StreamKeys.Group, consumer, "COUNT", count, "BLOCK", (long)block.TotalMilliseconds, "STREAMS", stream, ">");
        await UntilEndedAsync(reply, client, cancellationToken);
        return DeliveryReply.Read(await reply);
    }

    // A stop ends the wait, but what has been delivered to us by then is returned: it is ours to give back.
    private async Task UntilEndedAsync(Task reply, Task<BlockedClient?> client, CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), stopped);
        await Task.WhenAny(reply, stopped.Task);
        var stopping = time.GetTimestamp();
        while (!reply.IsCompleted)
        {
            // Redis that does not answer is not waited for: whatever it has handed to us is recovered, or its lease runs out.
            if (time.GetElapsedTime(stopping) > StopTimeout)
                throw new OperationCanceledException(stop);
            // Again until it takes: the first may arrive before the read does.
            if (client is { IsCompletedSuccessfully: true, Result: { } blocked })
            {
                var shared = await connection.GetAsync(CancellationToken.None);
                // After a failover it may be unknown there; then the reader's connection ends with its generation.
                if (shared.GetEndPoints().Contains(blocked.Server))
                    await Task.WhenAny(reply, shared.GetServer(blocked.Server).ExecuteAsync("CLIENT", "UNBLOCK", blocked.Id));
            }

            await Task.WhenAny(reply, Task.Delay(TimeSpan.FromMilliseconds(50), time, CancellationToken.None));
        }
    }

    // Of the server that has the stream: a command without a key would go to any of a Cluster's, and the id is another client's there.
    private async Task<BlockedClient?> ClientAsync(IDatabase database)
    {
        try
        {
            var server = database.Multiplexer.PrimaryOf(stream);
            return new BlockedClient(server.EndPoint, (long)await server.ExecuteAsync("CLIENT", "ID"));
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            // Not told (an ACL), or no connection: a stop then waits until the block is over.
            return null;
        }
    }

    private sealed record BlockedClient(EndPoint Server, long Id);
}
