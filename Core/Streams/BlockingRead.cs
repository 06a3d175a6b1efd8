using System.Net;
using System.Runtime.ExceptionServices;
using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>Reads new entries by XREADGROUP, without a script. It limits their number, not their bytes.</summary>
/// <param name="stream">The stream's key.</param>
/// <param name="consumer">The name in the group.</param>
/// <param name="connection">The shared connection. A stop ends the wait over it.</param>
/// <param name="time">The clock.</param>
internal sealed class BlockingRead(RedisKey stream, string consumer, RedisConnection connection, TimeProvider time)
{
    // A read that does not block asks for as many at a time. Smaller parts cost Redis more commands, larger ones more memory.
    private const int Part = 125;

    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);
    private static readonly Task<BlockedClient?> NotBlocked = Task.FromResult<BlockedClient?>(null);

    // The last read returned as many entries as it asked for, so there are probably more.
    private bool _more;

    /// <summary>
    /// Reads entries, and waits for the first. Empty when none came. When parts of a large read are lost, it returns the others.
    /// </summary>
    public async Task<PlainRead> ReadAsync(IDatabase database, int count, TimeSpan block, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadOnceAsync(database, count, block, cancellationToken);
        }
        catch (RedisServerException e) when (RedisErrors.IsMoved(e))
        {
            // The next read goes to the server that has the stream now.
            return await ReadOnceAsync(database, count, block, cancellationToken);
        }
    }

    private async Task<PlainRead> ReadOnceAsync(IDatabase database, int count, TimeSpan block, CancellationToken cancellationToken)
    {
        var read = _more ? await ReadWaitingAsync(database, count, cancellationToken) : new PlainRead([], null);
        if (read.Deliveries.Count == 0 && !cancellationToken.IsCancellationRequested)
            read = new PlainRead(await ReadBlockingAsync(database, count, block, cancellationToken), null);
        _more = read.Deliveries.Count == count;
        return read;
    }

    // Reads the entries that are already there, without waiting for more. A large read is sent in parts, all at once: one part is parsed
    // while the next ones arrive.
    private async Task<PlainRead> ReadWaitingAsync(IDatabase database, int count, CancellationToken cancellationToken)
    {
        var parts = new Task<RespResult>[Math.Max(1, count / Part)];
        for (var i = 0; i < parts.Length; i++)
            parts[i] = Send(database, ["COUNT", (count * (i + 1) / parts.Length) - (count * i / parts.Length)]);
        var read = new List<Delivery>(count);
        Exception? refused = null, lost = null;
        foreach (var part in parts)
        {
            // After a stop, Redis has not answered another part in time.
            if (lost is OperationCanceledException && !part.IsCompleted)
                continue;
            try
            {
                read.AddRange(await ReadAsync(part, NotBlocked, cancellationToken));
            }
            catch (RedisServerException e)
            {
                // It has delivered nothing, but another part may have. After MOVED the read is repeated.
                refused ??= RedisErrors.IsMoved(e) ? null : e;
            }
            catch (Exception e)
            {
                // The deliveries of the other parts are run all the same. The caller recovers those of this one.
                lost = e;
            }
        }

        if (read.Count == 0 && (lost ?? refused) is { } failure)
            ExceptionDispatchInfo.Throw(failure);
        return new PlainRead(read, lost);
    }

    // The question for the client is sent before the read on the same connection, so that a stop can end the wait by this client's id.
    private Task<List<Delivery>> ReadBlockingAsync(IDatabase database, int count, TimeSpan block, CancellationToken cancellationToken)
    {
        var client = ClientAsync(database);
        return ReadAsync(Send(database, ["COUNT", count, "BLOCK", (long)block.TotalMilliseconds]), client, cancellationToken);
    }

    // The client library cannot send such a request a second time, to the server of a redirect: its arguments are gone by then.
    private Task<RespResult> Send(IDatabase database, RedisValue[] limits) =>
        database.ExecuteRespAsync("XREADGROUP", Arguments(limits), CommandFlags.NoRedirect);

    private async Task<List<Delivery>> ReadAsync(Task<RespResult> reply, Task<BlockedClient?> client, CancellationToken cancellationToken)
    {
        await UntilEndedAsync(reply, client, cancellationToken);
        using var read = await reply;
        return read.IsNull ? [] : DeliveryReply.Read(StreamOf(read));
    }

    private RedisKeyOrValue[] Arguments(RedisValue[] limits) =>
    [
        (RedisValue)"GROUP", (RedisValue)StreamKeys.Group, (RedisValue)consumer,
        .. limits.Select(limit => (RedisKeyOrValue)limit),
        (RedisValue)"STREAMS", stream, (RedisValue)">",
    ];

    // The only element of the reply. It is in one piece, unless the client library changes that.
    private static ReadOnlySpan<byte> StreamOf(RespResult reply)
    {
        var reader = reply.Read();
        if (reader.TryGetRawSpan(out var bytes))
            return bytes;
        var copy = new byte[reader.ProtocolBytesRemaining];
        reader.CopyRawTo(copy);
        return copy;
    }

    // A stop ends the wait. Entries that were delivered by then are returned, so that the caller can release them.
    private async Task UntilEndedAsync(Task reply, Task<BlockedClient?> client, CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stop.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), stopped);
        await Task.WhenAny(reply, stopped.Task);
        var stopping = time.GetTimestamp();
        while (!reply.IsCompleted)
        {
            // It does not wait for a Redis that does not answer: delivered entries are recovered later, or their lease runs out.
            if (time.GetElapsedTime(stopping) > StopTimeout)
                throw new OperationCanceledException(stop);
            // Repeated until it works: the first UNBLOCK may arrive before the read.
            if (client is { IsCompletedSuccessfully: true, Result: { } blocked })
            {
                var shared = await connection.GetAsync(CancellationToken.None);
                // After a failover the server may be unknown. Then the dedicated connection is closed with its connection set.
                if (shared.GetEndPoints().Contains(blocked.Server))
                    await Task.WhenAny(reply, shared.GetServer(blocked.Server).ExecuteAsync("CLIENT", "UNBLOCK", blocked.Id));
            }

            await Task.WhenAny(reply, Task.Delay(TimeSpan.FromMilliseconds(50), time, CancellationToken.None));
        }
    }

    // Asks the server that has the stream. A command without a key could go to any node of a Cluster, where the id belongs to another
    // client.
    private async Task<BlockedClient?> ClientAsync(IDatabase database)
    {
        try
        {
            var server = database.Multiplexer.PrimaryOf(stream);
            return new BlockedClient(server.EndPoint, (long)await server.ExecuteAsync("CLIENT", "ID"));
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            // An ACL forbids it, or there is no connection. A stop then waits until the block ends.
            return null;
        }
    }

    private sealed record BlockedClient(EndPoint Server, long Id);
}
