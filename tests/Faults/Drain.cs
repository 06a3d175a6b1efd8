using EmailIngestion.Redis;
using EmailIngestion.Streams;

namespace EmailIngestion.Faults;

/// <summary>Waits until every mailbox is read to its end and the lag and the pending count are 0 and all follow-ups are done.</summary>
internal sealed class Drain(
    IReadOnlyList<WorkerProcess> consumers, IReadOnlyList<StreamPartition> partitions,
    IReadOnlyList<(string Mailbox, uint Uid, int Number)> mails, EffectReceiver receiver, TimeProvider time)
{
    private const string Waiting = "waiting";

    // A run without progress for this long counts as stuck.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(90);

    /// <summary>Returns true when all work is done, and false when the run is stuck.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var (moved, last) = (time.GetTimestamp(), "");
        while (time.GetElapsedTime(moved) < AnswerTimeout)
        {
            foreach (var consumer in consumers)
                consumer.Start();
            var state = await StateAsync(cancellationToken);
            if (!state.StartsWith(Waiting, StringComparison.Ordinal))
                return true;
            state += $" {receiver.Effects.Count}";
            if (state != last)
                (moved, last) = (time.GetTimestamp(), state);
            await Task.Delay(TimeSpan.FromSeconds(0.5), time, cancellationToken);
        }

        Console.WriteLine($"  no more progress: {last}");
        return false;
    }

    private async Task<string> StateAsync(CancellationToken cancellationToken)
    {
        try
        {
            var read = new Dictionary<string, uint>(StringComparer.Ordinal);
            foreach (var partition in partitions)
            {
                var snapshot = await partition.Inspector.ReadSnapshotAsync(details: false, cancellationToken);
                if (snapshot.Depth > 0)
                    return $"{Waiting}: {partition.Keys.Stream} lag {snapshot.Lag}, pending {snapshot.Pending}";
                foreach (var mailbox in snapshot.Mailboxes)
                    read[mailbox.Name] = mailbox.Last ?? 0;
                if (snapshot.Mailboxes.FirstOrDefault(mailbox => mailbox.FollowUpsWaiting > 0) is { } open)
                    return $"{Waiting}: {open.FollowUpsWaiting} follow-ups of {open.Name}; {open.FollowUpError}";
            }

            foreach (var mailbox in mails.GroupBy(mail => mail.Mailbox))
            {
                if (mailbox.Max(mail => mail.Uid) > read.GetValueOrDefault(mailbox.Key))
                    return $"{Waiting}: {mailbox.Key} at {read.GetValueOrDefault(mailbox.Key)}";
            }

            return "";
        }
        catch (Exception e) when (RedisErrors.IsRedis(e) || e is GroupMissingException)
        {
            return $"{Waiting}: {e.Message}";
        }
    }
}
