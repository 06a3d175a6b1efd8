using EmailIngestion.Health;
using EmailIngestion.Redis;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Consuming;

/// <summary>
/// Runs the periodic work of one consumer: renews its name and its leases, clears settled entries, deletes consumers that no longer exist.
/// </summary>
internal sealed class ConsumerMaintenance(
    Membership member, PartitionConsumer consumer, ConsumerOptions options, ProcessExit exit, TimeProvider time, ILogger logger)
{
    private const string LeaseStep = "renew leases";

    private static readonly TimeSpan NameRenewal = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ClearInterval = TimeSpan.FromSeconds(1);

    // The wait after a failed pass. It is short, so that leases and the name are renewed as soon as Redis answers again.
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    // The interval while this consumer settles nothing: other consumers may have left settled entries.
    private static readonly TimeSpan IdleClearInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReapInterval = TimeSpan.FromMinutes(1);

    private long _nameRenewedAt;
    private long _leasesRenewedAt;
    private long _clearedAt;
    private long _reapedAt;
    private int _finishedAtClear;

    // The steps whose last run failed. Each failure is logged once, not once a second.
    private readonly FailureChanges _failing = new();
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    private TimeSpan AfterFailure => RetryDelay < options.LeaseRenewal ? RetryDelay : options.LeaseRenewal;

    /// <summary>Acquires the consumer's name. Waits as long as a process that died can still have it.</summary>
    /// <returns>False if another process has the name.</returns>
    public async Task<bool> TakeNameAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var waiting = false;
        while (!await member.Name.RenewAsync(cancellationToken))
        {
            if (time.GetElapsedTime(started) > NameClaim.Life + NameRenewal)
                return false;
            if (!waiting)
                Log.WaitingForName(logger, member.Group.Name);
            waiting = true;
            await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancellationToken);
        }

        if (waiting)
            Log.TookOver(logger, member.Group.Name);
        await member.Group.RegisterAsync(cancellationToken);
        _nameRenewedAt = _leasesRenewedAt = _clearedAt = _reapedAt = time.GetTimestamp();
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

    /// <summary>Runs every step that is due. A failed step does not keep the others from running.</summary>
    /// <returns>Whether all steps succeeded.</returns>
    internal async Task<bool> PassAsync(CancellationToken cancellationToken)
    {
        var works = await TryAsync(LeaseStep, RenewLeasesAsync, cancellationToken);
        works &= await TryAsync("renew the name", RenewNameAsync, cancellationToken);
        if (IsDue(ref _clearedAt, consumer.Finished == _finishedAtClear ? IdleClearInterval : ClearInterval))
            works &= await TryAsync("clear settled entries", ClearAsync, cancellationToken);
        if (IsDue(ref _reapedAt, ReapInterval))
        {
            works &= await TryAsync(
                "delete consumers that no longer exist", token => member.Group.ReapAsync(ReapInterval, token), cancellationToken);
        }

        return works;
    }

    private async Task<bool> TryAsync(string step, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        try
        {
            await run(cancellationToken);
            _failing.Clear(step);
            if (_reported.Remove(step))
                Log.MaintenanceWorks(logger, step, member.Stream.Keys.Stream!);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Every exception is caught: if the maintenance ended, every lease would expire.
            if (_failing.Note(step, e) && !RedisErrors.IsReplaced(e))
                Report(step, e);
            return false;
        }
    }

    private async Task ClearAsync(CancellationToken cancellationToken)
    {
        var finished = consumer.Finished;
        await member.Stream.ClearSettledAsync(cancellationToken);
        _finishedAtClear = finished;
    }

    private void Report(string step, Exception error)
    {
        var stream = member.Stream.Keys.Stream.ToString();
        if (!RedisErrors.IsRedis(error))
            Log.MaintenanceBroken(logger, step, stream, error);
        else if (step == LeaseStep)
            Log.RenewalFailed(logger, stream, RedisErrors.Text(error), member.Leases.Count);
        else if (RedisErrors.KindOf(error) is not (RedisFailure.Passing or RedisFailure.GroupMissing))
            Log.MaintenanceFailed(logger, step, stream, RedisErrors.Text(error));
        else
            // The read loop logs an unreachable Redis and a missing group.
            return;
        _reported.Add(step);
    }

    private async Task RenewLeasesAsync(CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_leasesRenewedAt, now) < options.LeaseRenewal)
            return;
        await member.Leases.RenewAsync(cancellationToken);
        _leasesRenewedAt = now;
    }

    private async Task RenewNameAsync(CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        if (member.Name.IsTaken || time.GetElapsedTime(_nameRenewedAt, now) < NameRenewal)
            return;
        if (!await member.Name.RenewAsync(cancellationToken))
            exit.Fail(member.Name.Taken);
        _nameRenewedAt = now;
    }

    // A timer of ten ticks a second would cost an idle consumer more than all its other work.
    private TimeSpan UntilDue()
    {
        var wait = options.LeaseRenewal - time.GetElapsedTime(_leasesRenewedAt);
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < ClearInterval ? wait : ClearInterval;
    }

    private bool IsDue(ref long last, TimeSpan interval)
    {
        if (time.GetElapsedTime(last) < interval)
            return false;
        last = time.GetTimestamp();
        return true;
    }
}
