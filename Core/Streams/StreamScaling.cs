using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// Reads what an autoscaler needs of one partition. Callers that ask at the same time, or within a second, share one reading.
/// </summary>
public sealed class StreamScaling
{
    // Several triggers ask one after another, and the HPA's reads come beside KEDA's.
    private static readonly TimeSpan SharedFor = TimeSpan.FromSeconds(1);

    // KEDA waits three seconds for an answer by default. Before that it must get the reason.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private readonly StreamKeys _keys;
    private readonly RedisConnection _connection;
    private readonly TimeProvider _time;
    private Task<ScalingNumbers>? _reading;
    private long _readAt;

    internal StreamScaling(StreamKeys keys, RedisConnection connection, TimeProvider time)
    {
        _keys = keys;
        _connection = connection;
        _time = time;
    }

    /// <summary>Reads the numbers. It ends within two seconds.</summary>
    /// <param name="cancellationToken">Ends the wait, not the reading.</param>
    /// <exception cref="Exception">
    /// Redis does not answer, or no number can be read. <see cref="Operations.OperationFailure.Of"/> tells which.
    /// </exception>
    public Task<ScalingNumbers> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_reading is null || (_reading.IsCompleted && _time.GetElapsedTime(_readAt) >= SharedFor))
            {
                _readAt = _time.GetTimestamp();
                _reading = Task.Run(ReadWithinAsync, CancellationToken.None);
            }

            return _reading.WaitAsync(cancellationToken);
        }
    }

    private async Task<ScalingNumbers> ReadWithinAsync()
    {
        using var timeout = new CancellationTokenSource(Timeout, _time);
        try
        {
            return await ReadNowAsync(timeout.Token).WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            throw new RedisTimeoutException(
                CommandFlags.None, $"Redis did not answer within {Timeout.TotalSeconds} s.", CommandStatus.Unknown);
        }
    }

    private async Task<ScalingNumbers> ReadNowAsync(CancellationToken cancellationToken)
    {
        var database = await _connection.DatabaseAsync(cancellationToken);
        var lagTask = TriggerNumbers.IsTooOld(database)
            ? Task.FromResult(new Reading(null, $"lag: {TriggerNumbers.TooOld}", null))
            : TryAsync("lag", "XINFO GROUPS", TriggerNumbers.LagAsync(database, _keys.Stream, StreamKeys.Group));
        var pendingTask = TryAsync("pending", "XPENDING", TriggerNumbers.PendingAsync(database, _keys.Stream, StreamKeys.Group));
        var lengthTask = TryAsync("length", "XLEN", TriggerNumbers.LengthAsync(database, _keys.Stream));
        var readings = await Task.WhenAll(lagTask, pendingTask, lengthTask);
        if (readings is not [{ Value: null }, { Value: null }, { Value: null }])
        {
            return new ScalingNumbers(
                readings[0].Value, readings[1].Value, readings[2].Value, [.. readings.Select(reading => reading.Problem).OfType<string>()]);
        }

        throw readings.Select(reading => reading.Error).OfType<RedisRefusedException>().First();
    }

    // What passes is the whole answer's error: then no trigger can be read.
    private async Task<Reading> TryAsync(string name, string command, Task<long> reply)
    {
        try
        {
            return new Reading(await reply, null, null);
        }
        catch (RedisServerException e) when (RedisErrors.KindOf(e) is RedisFailure.GroupMissing or RedisFailure.Refused)
        {
            return new Reading(null, $"{name}: {RedisErrors.Text(e)}", new RedisRefusedException(command, _keys.Stream.ToString(), e));
        }
    }

    private readonly record struct Reading(long? Value, string? Problem, RedisRefusedException? Error);
}
