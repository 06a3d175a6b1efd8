using EmailIngestion.Redis;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>
/// Fetches deliveries for one consumer: new entries, deliveries whose reply was lost, and deliveries whose lease ran out.
/// </summary>
/// <param name="keys">The partition's keys.</param>
/// <param name="connection">The process's connections.</param>
/// <param name="time">The clock.</param>
/// <param name="consumer">The name in the group.</param>
/// <param name="lease">How long the consumer owns a delivery without a renewal.</param>
/// <param name="budget">The bytes that fit now.</param>
internal sealed class DeliveryReader(
    StreamKeys keys, RedisConnection connection, TimeProvider time, string consumer, TimeSpan lease, ByteBudget budget) : IAsyncDisposable
{
    private const string Beginning = "-";
    private const string Passed = "-";

    // The bytes that one script reads, beyond its last entry. A reply of gigabytes would exceed every timeout, and Redis serves others
    // between two scripts.
    private const int BytesAtOnce = 16 * 1024 * 1024;

    // A larger entry that is appended after the question makes one reply larger than it should be. Appending it takes about as long.
    private static readonly TimeSpan ClearFor = TimeSpan.FromMilliseconds(100);

    // After an entry that is not small: others that were appended without a note of it may follow.
    private static readonly TimeSpan CarefulFor = TimeSpan.FromSeconds(10);

    // Whole entries use a dedicated connection with a long timeout. On the shared one they would delay renewals and settles.
    private readonly DedicatedConnection _dedicated = connection.Dedicated("reader", TimeSpan.FromMinutes(1), keys.Stream);
    private readonly BlockingRead _plain = new(keys.Stream, consumer, connection, time);
    private readonly ClaimedEntries _claimed = new(keys.Stream, consumer, lease, time);

    private string _reclaimFrom = Beginning;

    // The last read returned as many entries as it asked for, so there are probably more.
    private bool _more;
    private long? _clearAt;
    private long? _largeAt;
    private bool _leftLarge;

    // Up to this entry, entries may be large without a note of it: an older version or a person appended them.
    private string _unknown = "";

    /// <summary>
    /// Redis has just reported that only small entries are unread, so that <see cref="ReadAsync"/> returns no more than their bytes.
    /// </summary>
    public bool OnlySmallAhead => _unknown == Passed && _clearAt is { } clear && time.GetElapsedTime(clear) < ClearFor
        && (_largeAt is not { } large || time.GetElapsedTime(large) > CarefulFor);

    /// <summary>As far as this consumer knows, entries wait until their bytes fit. <see cref="ReclaimAsync"/> returns them.</summary>
    public bool LargeWaits { get; private set; }

    /// <summary>There may be more to recover than the last <see cref="RecoverAsync"/> returned.</summary>
    public bool MoreToRecover { get; private set; }

    /// <summary>
    /// Reads entries that no consumer has read, and waits for the first. Empty when none came. It does not limit their bytes: see
    /// <see cref="OnlySmallAhead"/>. After an exception call <see cref="RecoverAsync"/> before the next read: a lost reply may have
    /// delivered entries to this consumer.
    /// </summary>
    public async Task<IReadOnlyList<Delivery>> ReadAsync(int count, TimeSpan block, CancellationToken cancellationToken)
    {
        var database = await _dedicated.DatabaseAsync(cancellationToken);
        try
        {
            var read = _more ? await _plain.ReadWaitingAsync(database, count, cancellationToken) : [];
            if (read.Count == 0 && !cancellationToken.IsCancellationRequested)
                read = await _plain.ReadBlockingAsync(database, count, block, cancellationToken);
            _more = read.Count == count;
            NoteLarge(read);
            return read;
        }
        catch (RedisTimeoutException)
        {
            // The block ended long ago, so this connection is stuck, even if the shared one works.
            await _dedicated.CloseAsync();
            throw;
        }
    }

    /// <summary>
    /// Reads entries that no consumer has read and whose bytes fit, one by one and without waiting. An entry that does not fit stays,
    /// uncounted, for <see cref="ReclaimAsync"/>. After an exception call <see cref="RecoverAsync"/>, as after a read.
    /// </summary>
    public async Task<IReadOnlyList<Delivery>> ReadFittingAsync(int count, CancellationToken cancellationToken)
    {
        var database = await _dedicated.DatabaseAsync(cancellationToken);
        var asked = time.GetTimestamp();
        var room = LargeWaits ? budget.Room.BehindOthers : budget.Room;
        var reply = await database.ScriptEvaluateAsync(
            Scripts.ReadNew,
            [keys.Stream, keys.NewestLarge],
            [
                StreamKeys.Group, consumer, ConsumerGroup.Waiting, ConsumerGroup.WaitingLarge, (long)lease.TotalMilliseconds,
                count, BytesAtOnce, Math.Min(BytesAtOnce, budget.Limit), .. room.Arguments, _unknown,
            ]);
        for (var i = 0; i < reply[1].Length; i++)
        {
            _claimed.Sizes.Note((string)reply[1][i][0]!, (long)reply[1][i][1]);
            _largeAt = asked;
            LargeWaits = true;
        }

        NoteAhead(isClear: (int)reply[2] == 0, asked);
        _unknown = (string)reply[3]!;
        var read = new List<Delivery>(reply[0].Length);
        for (var i = 0; i < reply[0].Length; i++)
        {
            var one = reply[0][i];
            read.Add(DeliveryReply.ReadNew(one) ?? await _claimed.FetchAsync(database, (string)one[0]!, (int)one[1]));
        }

        NoteLarge(read);
        return read;
    }

    /// <summary>
    /// Recovers deliveries whose reply was lost: those under this consumer's name that are not <paramref name="known"/>. Their delivery
    /// count stays, because they were never run. Deliveries that do not fit are released.
    /// </summary>
    public async Task<IReadOnlyList<Delivery>> RecoverAsync(int count, IEnumerable<string> known, CancellationToken cancellationToken)
    {
        var database = await _dedicated.DatabaseAsync(cancellationToken);
        var reply = await RunRecoverAsync(database, count, release: false, known);
        var fetched = await _claimed.FetchAsync(
            database, DeliveryReply.ReadClaims(reply[0], consumer), budget.Room, largeWaits: false, cancellationToken);
        LargeWaits |= fetched.Left;
        MoreToRecover = (int)reply[2] == 1;
        return fetched.Deliveries;
    }

    /// <summary>Releases, uncounted, deliveries of this consumer whose reply was lost. Returns how many.</summary>
    public async Task<int> ReleaseLostAsync(int count, IEnumerable<string> known, CancellationToken cancellationToken)
    {
        var reply = await RunRecoverAsync(await _dedicated.DatabaseAsync(cancellationToken), count, release: true, known);
        var released = (int)reply[1];
        LargeWaits |= released > 0;
        MoreToRecover = (int)reply[2] == 1;
        return released;
    }

    /// <summary>
    /// Reclaims up to <paramref name="count"/> deliveries whose lease has run out, from where the last call ended. It stops before a
    /// suspected poison message unless <paramref name="exclusive"/> allows one. Entries in <paramref name="working"/>, which this consumer
    /// has in work, stay as they are. After an exception call <see cref="RecoverAsync"/>, as after a read.
    /// </summary>
    public async Task<Reclaimed> ReclaimAsync(
        int count, PoisonSuspicion suspicion, bool exclusive, IEnumerable<string> working, CancellationToken cancellationToken)
    {
        var database = await _dedicated.DatabaseAsync(cancellationToken);
        var room = budget.Room;
        string[] inWork = [.. working], left = _claimed.Sizes.Without(room), passing = _claimed.Sizes.Passing(room);
        var reply = await database.ScriptEvaluateAsync(
            Scripts.Reclaim,
            [keys.Stream, keys.Vanished, keys.Postponed],
            [
                StreamKeys.Group, consumer, ConsumerGroup.Waiting, (long)lease.TotalMilliseconds, _reclaimFrom, count, suspicion.From,
                suspicion.Last, exclusive ? 1 : 0, ConsumerGroup.WaitingLarge, _leftLarge && !exclusive ? 1 : 0, inWork.Length, left.Length,
                .. inWork.Concat(left).Concat(passing).Select(entry => (RedisValue)entry),
            ]);
        var from = (string)reply[0]!;
        var leftLarge = (int)reply[3] == 1;
        var fetched = await _claimed.FetchAsync(database, DeliveryReply.ReadClaims(reply[1], consumer), room, leftLarge, cancellationToken);
        _reclaimFrom = from;
        _leftLarge |= leftLarge || fetched.Left;
        LargeWaits |= _leftLarge;
        if (_reclaimFrom == Beginning)
            (LargeWaits, _leftLarge) = (_leftLarge, false);
        return new Reclaimed(fetched.Deliveries, (int)reply[2] == 1, _reclaimFrom == Beginning);
    }

    /// <summary>Notes what Redis reported about the unread entries.</summary>
    /// <param name="isClear">No large entry is among them.</param>
    /// <param name="asked">When Redis was asked, as a timestamp of the clock.</param>
    public void NoteAhead(bool isClear, long asked) => _clearAt = isClear ? asked : null;

    public ValueTask DisposeAsync() => _dedicated.DisposeAsync();

    private void NoteLarge(List<Delivery> read)
    {
        foreach (var delivery in read)
        {
            if (delivery.Bytes > ByteBudget.SmallBytes)
                _largeAt = time.GetTimestamp();
        }
    }

    private Task<RedisResult> RunRecoverAsync(IDatabase database, int count, bool release, IEnumerable<string> known) =>
        database.ScriptEvaluateAsync(
            Scripts.Recover,
            [keys.Stream, keys.Vanished],
            [
                StreamKeys.Group, consumer, ConsumerGroup.Waiting, (long)lease.TotalMilliseconds, count, release ? 1 : 0,
                .. known.Select(entry => (RedisValue)entry),
            ]);
}
