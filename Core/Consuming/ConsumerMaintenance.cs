using EmailIngestion.Health;
using EmailIngestion.Redis;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Consuming;

/// <summary>What a consumer does beside consuming: keeps its name and its leases, trims what is settled, clears away consumers that are gone.</summary>
internal sealed class ConsumerMaintenance(
    PartitionConsumer consumer, ConsumerOptions options, ProcessExit exit, TimeProvider time, ILogger logger)
{
    private const string LeaseStep = "renew leases";

    private static readonly TimeSpan NameRenewal = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Trim = TimeSpan.FromSeconds(1);

    // After a failure. Leases and the name are renewed again then, not when they would be due next.
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    // While this consumer settles nothing: others may have left something.
    private static readonly TimeSpan QuietTrim = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Reap = TimeSpan.FromMinutes(1);

    private long _named;
    private long _renewed;
    private long _trimmed;
    private long _reaped;
    private int _finished;

    // The steps whose last run failed, so that each failure is one line and not one a second.
    private readonly Dictionary<string, FailureChange> _failing = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    private TimeSpan AfterFailure => Again < options.LeaseRenewal ? Again : options.LeaseRenewal;

    /// <summary>Takes the consumer's name, waiting for as long as the last process of this name may hold it after its death.</summary>
    public async Task<bool> TakeNameAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var waiting = false;
        while (!await consumer.Name.RenewAsync(cancellationToken))
        {
            if (time.GetElapsedTime(started) > NameClaim.Life + NameRenewal)
                return false;
            if (!waiting)
                Log.NameHeld(logger, consumer.Group.Name);
            waiting = true;
            await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancellationToken);
        }

        if (waiting)
            Log.TookOver(logger, consumer.Group.Name);
        await consumer.Group.RegisterAsync(cancellationToken);
        _named = _renewed = _trimmed = _reaped = time.GetTimestamp();
        return true;
    }

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            var failed = false;
            while (true)
            {
                await Task.Delay(failed ? AfterFailure : UntilDue(), time, stop);
                failed = !await PassAsync(stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The consumer has stopped.
        }
    }

    /// <summary>Runs every step that is due. A step that fails, for once or for good, keeps none of the others from being run.</summary>
    /// <returns>Whether all of them worked.</returns>
    internal async Task<bool> PassAsync(CancellationToken cancellationToken)
    {
        var works = await TryAsync(LeaseStep, RenewLeasesAsync, cancellationToken);
        works &= await TryAsync("renew the name", RenewNameAsync, cancellationToken);
        if (IsDue(ref _trimmed, consumer.Finished == _finished ? QuietTrim : Trim))
            works &= await TryAsync("clear settled entries", ClearAsync, cancellationToken);
        if (IsDue(ref _reaped, Reap))
            works &= await TryAsync("delete consumers that are gone", token => consumer.Group.ReapAsync(Reap, token), cancellationToken);
        return works;
    }

    private async Task<bool> TryAsync(string step, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        try
        {
            await run(cancellationToken);
            _failing.Remove(step);
            if (_reported.Remove(step))
                Log.MaintenanceWorks(logger, step, consumer.Stream.Keys.Stream!);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it is: without maintenance every lease would run out.
            if (!_failing.TryGetValue(step, out var failing))
                _failing[step] = failing = new FailureChange();
            if (failing.Note(e) && !RedisErrors.IsReplaced(e))
                Report(step, e);
            return false;
        }
    }

    private async Task ClearAsync(CancellationToken cancellationToken)
    {
        var finished = consumer.Finished;
        await consumer.Stream.ClearSettledAsync(cancellationToken);
        _finished = finished;
    }

    private void Report(string step, Exception error)
    {
        var stream = consumer.Stream.Keys.Stream.ToString();
        if (!RedisErrors.IsRedis(error))
            Log.MaintenanceBroken(logger, step, stream, error);
        else if (step == LeaseStep)
            Log.RenewalFailed(logger, stream, RedisErrors.Text(error), consumer.Leases.Count);
        else if (RedisErrors.KindOf(error) is not (RedisFailure.Passing or RedisFailure.GroupMissing))
            Log.MaintenanceFailed(logger, step, stream, RedisErrors.Text(error));
        else
            // The reading loop reports that Redis is away, or that its group is gone.
            return;
        _reported.Add(step);
    }

    private async Task RenewLeasesAsync(CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_renewed, now) < options.LeaseRenewal)
            return;
        await consumer.Leases.RenewAsync(cancellationToken);
        _renewed = now;
    }

    private async Task RenewNameAsync(CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        if (consumer.Name.IsTaken || time.GetElapsedTime(_named, now) < NameRenewal)
            return;
        if (!await consumer.Name.RenewAsync(cancellationToken))
            exit.Fail(consumer.Name.Taken);
        _named = now;
    }

    // No more often than needed: a timer of ten ticks a second costs an idle consumer more than all that it does.
    private TimeSpan UntilDue()
    {
        var wait = options.LeaseRenewal - time.GetElapsedTime(_renewed);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < Trim ? wait : Trim;
    }

    private bool IsDue(ref long last, TimeSpan interval)
    {
        if (time.GetElapsedTime(last) < interval)
            return false;
        last = time.GetTimestamp();
        return true;
    }
}
