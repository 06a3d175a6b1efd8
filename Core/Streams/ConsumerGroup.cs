using EmailIngestion.Redis;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The consuming side of one partition, for one consumer: read, reclaim, renew, settle, release.</summary>
/// <param name="keys">The partition's keys.</param>
/// <param name="connection">The process's connections.</param>
/// <param name="options">How long ids are remembered.</param>
/// <param name="time">The clock.</param>
/// <param name="name">The chosen name, which one process holds at a time.</param>
/// <param name="process">
/// The nonce of this process, which follows the name in the group: a process that stood still while another took the name shares nothing
/// with it. Null when the name has one in it.
/// </param>
/// <param name="lease">How long a delivery is ours without a renewal.</param>
/// <param name="budget">What fits now. The caller counts what it is handed.</param>
internal sealed class ConsumerGroup(
    StreamKeys keys, RedisConnection connection, IOptions<StreamOptions> options, TimeProvider time, string name, string? process, TimeSpan lease,
    ByteBudget budget)
    : IAsyncDisposable
{
    /// <summary>Between the chosen name and the process's nonce.</summary>
    public const char NonceSeparator = '#';

    /// <summary>Deliveries whose run has ended wait under this name for the next: it is no consumer's.</summary>
    public const string Waiting = "(retry)";

    /// <summary>Entries that are not small wait under this name until their bytes fit: it is no consumer's.</summary>
    public const string WaitingLarge = "(large)";

    private const string Beginning = "-";
    private const string Passed = "-";

    // What one script looks at, beyond its last entry: a reply of gigabytes would not come within any timeout, and Redis serves others between.
    private const int BytesAtOnce = 16 * 1024 * 1024;

    // A larger entry that comes after the question makes one reply larger than it should be; appending it takes about as long.
    private static readonly TimeSpan ClearFor = TimeSpan.FromMilliseconds(100);

    // After an entry that is not small: others may follow that were appended without a note of it.
    private static readonly TimeSpan CarefulFor = TimeSpan.FromSeconds(10);

    // From an email's first postponement on; then each counts, so that an email whose dependency asks for time again and again comes to its end.
    private static readonly TimeSpan UncountedWaits = TimeSpan.FromDays(1);

    private readonly string _holder = process ?? Guid.NewGuid().ToString("N");
    // Whole entries come over a connection of their own, which is patient: on the shared one they would hold up renewals and settles.
    private readonly DedicatedConnection _reader = connection.Reader("reader", TimeSpan.FromMinutes(1), keys.Stream);
    private readonly BlockingRead _plain = new(keys.Stream, Named(name, process), connection, time);
    private readonly ClaimedEntries _claimed = new(keys.Stream, Named(name, process), lease, time);

    private string _reclaimFrom = Beginning;
    private Days? _days;

    // The last read brought as many as it asked for, so there are probably more.
    private bool _more;
    private long? _clearAt;
    private long? _largeAt;
    private bool _leftLarge;

    // Up to here entries may be large without a note of it: an older version or a person appended them.
    private string _unknown = "";

    public StreamKeys Keys => keys;

    /// <summary>The chosen name.</summary>
    public string Name => name;

    /// <summary>The name in the group: no other process has it.</summary>
    public string Consumer { get; } = Named(name, process);

    public ByteBudget Budget => budget;

    /// <summary>It was just said that only small entries are to be read next, so that <see cref="ReadAsync"/> brings no more than their bytes.</summary>
    public bool OnlySmallAhead => _unknown == Passed && _clearAt is { } clear && time.GetElapsedTime(clear) < ClearFor
        && (_largeAt is not { } large || time.GetElapsedTime(large) > CarefulFor);

    /// <summary>Entries wait until their bytes fit, as far as this consumer knows: <see cref="ReclaimAsync"/> brings them.</summary>
    public bool LargeWaits { get; private set; }

    /// <summary>There may be more to recover than the last <see cref="RecoverAsync"/> brought.</summary>
    public bool MoreToRecover { get; private set; }

    /// <summary>
    /// Reads entries that nobody has read, waiting for the first. Empty when none came. Without regard to their bytes: see <see cref="OnlySmallAhead"/>. After an exception call
    /// <see cref="RecoverAsync"/> before the next read: a reply that was lost may have handed entries to us.
    /// </summary>
    public async Task<IReadOnlyList<Delivery>> ReadAsync(int count, TimeSpan block, CancellationToken cancellationToken)
    {
        var database = await _reader.DatabaseAsync(cancellationToken);
        try
        {
            var read = _more ? await _plain.ReadWaitingAsync(database, count, cancellationToken) : [];
            if (read.Count == 0 && !cancellationToken.IsCancellationRequested)
                read = await _plain.ReadBlockingAsync(database, count, block, cancellationToken);
            _more = read.Count == count;
            Note(read);
            return read;
        }
        catch (RedisTimeoutException)
        {
            // Long after the block was over: nothing will come through here any more, though the shared connection may be well.
            await _reader.CloseAsync();
            throw;
        }
    }

    /// <summary>
    /// Reads entries that nobody has read and whose bytes fit, one by one and without waiting. What does not fit is left for
    /// <see cref="ReclaimAsync"/>, uncounted. After an exception call <see cref="RecoverAsync"/>, as after a read.
    /// </summary>
    public async Task<IReadOnlyList<Delivery>> ReadFittingAsync(int count, CancellationToken cancellationToken)
    {
        var database = await _reader.DatabaseAsync(cancellationToken);
        var asked = time.GetTimestamp();
        var room = LargeWaits ? budget.Room.BehindOthers : budget.Room;
        var reply = await database.ScriptEvaluateAsync(
            Scripts.ReadNew,
            [keys.Stream, keys.NewestLarge],
            [
                StreamKeys.Group, Consumer, Waiting, WaitingLarge, (long)lease.TotalMilliseconds, count, BytesAtOnce,
                Math.Min(BytesAtOnce, budget.Limit), .. room.Arguments, _unknown,
            ]);
        for (var i = 0; i < reply[1].Length; i++)
        {
            _claimed.Sizes.Note((string)reply[1][i][0]!, (long)reply[1][i][1]);
            _largeAt = asked;
            LargeWaits = true;
        }

        _clearAt = (int)reply[2] == 0 ? asked : null;
        _unknown = (string)reply[3]!;
        var read = new List<Delivery>(reply[0].Length);
        for (var i = 0; i < reply[0].Length; i++)
        {
            var one = reply[0][i];
            read.Add(DeliveryReply.ReadNew(one) ?? await _claimed.FetchAsync(database, (string)one[0]!, (int)one[1]));
        }

        Note(read);
        return read;
    }

    /// <summary>
    /// Deliveries of ours whose reply was lost: those under our name that are not <paramref name="known"/>. Their number stays: nobody has
    /// run them. What does not fit is released.
    /// </summary>
    public async Task<IReadOnlyList<Delivery>> RecoverAsync(int count, IEnumerable<string> known, CancellationToken cancellationToken)
    {
        var database = await _reader.DatabaseAsync(cancellationToken);
        var reply = await RunRecoverAsync(database, count, release: false, known);
        var fetched = await _claimed.FetchAsync(
            database, DeliveryReply.ReadClaims(reply[0], Consumer), budget.Room, largeWaits: false, cancellationToken);
        LargeWaits |= fetched.Left;
        MoreToRecover = (int)reply[2] == 1;
        return fetched.Deliveries;
    }

    /// <summary>Releases, uncounted, deliveries of ours whose reply was lost. Answers how many.</summary>
    public async Task<int> ReleaseLostAsync(int count, IEnumerable<string> known, CancellationToken cancellationToken)
    {
        var reply = await RunRecoverAsync(await _reader.DatabaseAsync(cancellationToken), count, release: true, known);
        var released = (int)reply[1];
        LargeWaits |= released > 0;
        MoreToRecover = (int)reply[2] == 1;
        return released;
    }

    /// <summary>
    /// Takes over up to <paramref name="count"/> deliveries whose lease has run out, from where the last call ended, and stops before a
    /// suspect unless it may be taken. What this consumer has in work itself stays there. After an exception call <see cref="RecoverAsync"/>, as after a read.
    /// </summary>
    public async Task<Reclaimed> ReclaimAsync(int count, PoisonSuspicion suspicion, bool alone, IEnumerable<string> working, CancellationToken cancellationToken)
    {
        var database = await _reader.DatabaseAsync(cancellationToken);
        var room = budget.Room;
        string[] inWork = [.. working], left = _claimed.Sizes.Without(room), passing = _claimed.Sizes.Passing(room);
        var reply = await database.ScriptEvaluateAsync(
            Scripts.Reclaim,
            [keys.Stream, keys.Vanished, keys.Postponed],
            [
                StreamKeys.Group, Consumer, Waiting, (long)lease.TotalMilliseconds, _reclaimFrom, count, suspicion.From, suspicion.Last,
                alone ? 1 : 0, WaitingLarge, _leftLarge && !alone ? 1 : 0, inWork.Length, left.Length,
                .. inWork.Concat(left).Concat(passing).Select(entry => (RedisValue)entry),
            ]);
        var from = (string)reply[0]!;
        var leftLarge = (int)reply[3] == 1;
        var fetched = await _claimed.FetchAsync(database, DeliveryReply.ReadClaims(reply[1], Consumer), room, leftLarge, cancellationToken);
        _reclaimFrom = from;
        _leftLarge |= leftLarge || fetched.Left;
        LargeWaits |= _leftLarge;
        if (_reclaimFrom == Beginning)
            (LargeWaits, _leftLarge) = (_leftLarge, false);
        return new Reclaimed(fetched.Deliveries, (int)reply[2] == 1, _reclaimFrom == Beginning);
    }

    /// <summary>Which of these deliveries carry an email that is already processed.</summary>
    public async Task<bool[]> AreProcessedAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var asked = time.GetTimestamp();
        var arguments = new RedisValue[deliveries.Count + 2];
        arguments[0] = StreamKeys.Group;
        arguments[1] = deliveries[^1].EntryId;
        for (var i = 0; i < deliveries.Count; i++)
            arguments[i + 2] = deliveries[i].Message?.Id.ToByteArray() ?? [];
        var reply = (int[])(await database.ScriptEvaluateAsync(Scripts.Processed, Today().Asked, arguments))!;
        _clearAt = reply[^1] == 0 ? asked : null;
        var processed = new bool[deliveries.Count];
        for (var i = 0; i < processed.Length; i++)
            processed[i] = reply[i] == 1;
        return processed;
    }

    /// <summary>Acknowledges completed deliveries and remembers their emails, as one step.</summary>
    public async Task<SettleResult[]> SettleAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var life = (long)(options.Value.ProcessedRetention + TimeSpan.FromDays(1)).TotalSeconds;
        var arguments = new List<RedisValue>(3 + (deliveries.Count * 3)) { StreamKeys.Group, Consumer, life };
        foreach (var delivery in deliveries)
        {
            arguments.Add(delivery.EntryId);
            arguments.Add(delivery.DeliveryCount);
            arguments.Add(delivery.Message?.Id.ToByteArray() ?? []);
        }

        var reply = await database.ScriptEvaluateAsync(Scripts.Settle, Today().Settled, [.. arguments]);
        return [.. ((int[])reply!).Select(result => (SettleResult)result)];
    }

    /// <summary>Extends leases; answers which deliveries are still ours.</summary>
    public async Task<bool[]> RenewAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        var reply = await database.ScriptEvaluateAsync(
            Scripts.Renew, [keys.Stream], Numbered([StreamKeys.Group, Consumer], deliveries));
        return [.. ((int[])reply!).Select(renewed => renewed == 1)];
    }

    /// <summary>Gives deliveries back uncounted, to be reclaimed by anybody at once.</summary>
    public Task ReleaseAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) =>
        ReleaseToGroupAsync(deliveries, counted: false, lease, cancellationToken);

    /// <summary>Lets a delivery that has failed wait for the next, one lease from now. Safe to repeat: the next has another number.</summary>
    public Task PostponeAsync(Delivery delivery, CancellationToken cancellationToken) =>
        ReleaseToGroupAsync([delivery], counted: true, TimeSpan.Zero, cancellationToken);

    /// <summary>
    /// Lets a delivery wait for a time that the processor's dependency asks for. It is counted when the first such wait of the entry is a day
    /// ago. Not to be repeated: after a lost reply the entry may be ours again under the same number.
    /// </summary>
    public async Task<PostponeResult> PostponeAsync(Delivery delivery, TimeSpan wait, int maxDeliveries, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (PostponeResult)(int)await database.ScriptEvaluateAsync(
            Scripts.Postpone,
            [keys.Stream, keys.Postponed],
            [
                StreamKeys.Group, Consumer, Waiting, (long)lease.TotalMilliseconds, delivery.EntryId, delivery.DeliveryCount, maxDeliveries,
                (long)wait.TotalMilliseconds, (long)UncountedWaits.TotalMilliseconds,
            ]);
    }

    /// <summary>Takes or keeps the consumer's name. False: another process has it.</summary>
    public async Task<bool> AcquireNameAsync(TimeSpan life, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (int)await database.ScriptEvaluateAsync(
            Scripts.AcquireLock, [keys.Consumer(name)], [_holder, (long)life.TotalMilliseconds]) == 1;
    }

    /// <summary>Makes the consumer known to the group before its first read.</summary>
    public async Task RegisterAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(Scripts.Register, [keys.Stream], [StreamKeys.Group, Consumer]);
    }

    /// <summary>Gives the name up if it is still ours, and deletes our consumer unless entries are pending under it.</summary>
    public async Task UnregisterAsync(CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(
            Scripts.Unregister, [keys.Stream, keys.Consumer(name)], [StreamKeys.Group, Consumer, _holder]);
    }

    /// <summary>Deletes other consumers that are gone and have nothing pending.</summary>
    public async Task<long> ReapAsync(TimeSpan idle, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        return (long)await database.ScriptEvaluateAsync(
            Scripts.Reap,
            [keys.Stream],
            [StreamKeys.Group, StreamKeys.ConsumerPrefix, keys.Suffix, NonceSeparator.ToString(), (long)idle.TotalMilliseconds]);
    }

    public ValueTask DisposeAsync() => _reader.DisposeAsync();

    private void Note(List<Delivery> read)
    {
        foreach (var delivery in read)
        {
            if (delivery.Bytes > ByteBudget.SmallBytes)
                _largeAt = time.GetTimestamp();
        }
    }

    private static string Named(string name, string? process) => process is null ? name : $"{name}{NonceSeparator}{process}";

    private Task<RedisResult> RunRecoverAsync(IDatabase database, int count, bool release, IEnumerable<string> known) => database.ScriptEvaluateAsync(
        Scripts.Recover,
        [keys.Stream, keys.Vanished],
        [
            StreamKeys.Group, Consumer, Waiting, (long)lease.TotalMilliseconds, count, release ? 1 : 0,
            .. known.Select(entry => (RedisValue)entry),
        ]);

    private async Task ReleaseToGroupAsync(IReadOnlyList<Delivery> deliveries, bool counted, TimeSpan idle, CancellationToken cancellationToken)
    {
        var database = await connection.DatabaseAsync(cancellationToken);
        await database.ScriptEvaluateAsync(
            Scripts.Release,
            [keys.Stream],
            Numbered([StreamKeys.Group, Consumer, Waiting, (long)idle.TotalMilliseconds, counted ? 0 : 1], deliveries));
    }

    // Kept for the day: a small batch would otherwise cost more in the names of keys than in what it asks.
    private Days Today()
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (_days is { } known && known.Today == today)
            return known;
        // From tomorrow on: another process's clock may be ahead of ours.
        var asked = Enumerable.Range(-1, options.Value.ProcessedRetention.Days + 2).Select(day => keys.ProcessedIds(today.AddDays(-day)));
        return _days = new Days(
            today,
            [keys.Stream, keys.NewestLarge, .. asked],
            [keys.Stream, keys.ProcessedIds(today), keys.ProcessedIds(today.AddDays(-1)), keys.Postponed]);
    }

    private static RedisValue[] Numbered(List<RedisValue> arguments, IReadOnlyList<Delivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            arguments.Add(delivery.EntryId);
            arguments.Add(delivery.DeliveryCount);
        }

        return [.. arguments];
    }

    /// <param name="Today">UTC.</param>
    /// <param name="Asked">The keys of the script that asks which ids are known: after two more, the sets that may hold them.</param>
    /// <param name="Settled">The keys of the settling script.</param>
    private sealed record Days(DateOnly Today, RedisKey[] Asked, RedisKey[] Settled);
}
