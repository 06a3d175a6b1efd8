using System.Globalization;
using EmailIngestion.Bodies;
using EmailIngestion.Faults.FollowUps;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Faults;

/// <summary>One run: servers, processes, faults, and the account at the end.</summary>
internal sealed class FaultRun(FaultOptions options)
{
    private const int Pollers = 2;

    private readonly TimeProvider _time = TimeProvider.System;

    /// <summary>Returns true when nothing is lost and every repeat is explained.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("faults-").FullName;
        // The mail server's own user needs access to the folder.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, File.GetUnixFileMode(folder) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        var good = false;
        try
        {
            return good = await RunAsync(folder, cancellationToken);
        }
        finally
        {
            if (good && !options.Keep)
                Directory.Delete(folder, recursive: true);
            else
                Console.WriteLine($"Logs of the processes: {folder}");
        }
    }

    private async Task<bool> RunAsync(string folder, CancellationToken cancellationToken)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{options.Emails} emails, {options.Workers} consumers, {Pollers} pollers, Redis {options.Redis}, "
            + $"seed {options.Seed}, faults for {options.Duration.TotalMinutes:0.##} min"));
        var mail = new Mail(options.Seed, options.Emails, options.Calm, options.Large);
        var bodies = new BodiesOptions { Store = options.Bodies, Folder = Path.Combine(folder, "bodies") };
        var log = new FaultLog(_time);
        var consumers = new List<WorkerProcess>();
        var everybody = new List<WorkerProcess>();
        await using var redis = await RedisServers.StartAsync(options.Redis, options.MinReplicas, cancellationToken);
        await using var failovers = new FailoverWatch(redis.Nodes, _time);
        await failovers.StartAsync();
        await using var mailboxes =
            await Mailboxes.StartAsync(Path.Combine(folder, "imap"), PlansOf(redis), mail, cancellationToken);
        await using var receiver = await EffectReceiver.StartAsync(mail, _time, name => _ = KillAsync(everybody, name, log));
        await mailboxes.DeliverAsync(options.Emails / 2, cancellationToken);
        var streams = Options.Create(StreamsOf(redis));
        await using var connection = StreamConnection.Create(streams);
        var partitions = redis.Partitions.Select(name => new StreamPartition(name, connection, streams, _time, bodies)).ToArray();
        foreach (var partition in partitions)
            await BodyAccount.BeginAsync(partition, connection, cancellationToken);

        var former = options.Redis == "standalone" ? new FormerOwner(partitions[0], connection, _time) : null;
        await using var settles = new SettleWatch(partitions, connection, receiver.Effects, _time);
        settles.Start();
        await using var followUps = new FollowUpRun(mailboxes, partitions, connection, log, _time);
        followUps.Start();
        var pollers = new List<WorkerProcess>();
        try
        {
            for (var i = 1; i <= options.Workers; i++)
                consumers.Add(new WorkerProcess(
                    $"consumer-{i}", folder, ["consume"],
                    WorkerSettings.OfConsumer(redis, receiver.UrlOf($"consumer-{i}"), options.StreamLimit, bodies)));
            for (var i = 1; i <= Pollers; i++)
                pollers.Add(new WorkerProcess(
                    $"poller-{i}", folder, ["poll", "--poll-interval", "1"],
                    WorkerSettings.OfPoller(
                        redis, mailboxes, options.After ? followUps.RelayOf($"poller-{i}") : null, options.StreamLimit, bodies)));
            var twins = TwinsOf(folder, redis, receiver, log, bodies);
            everybody.AddRange([.. consumers, .. twins.Both]);
            foreach (var worker in pollers.Concat(consumers).Append(twins.Both[0]))
                worker.Start();

            await using var gauges = new Gauges(partitions, redis, [.. pollers, .. consumers], _time);
            gauges.Start();
            var emptied = new EmptiedRedis(Path.Combine(folder, "hints"));
            await InjectAsync(
                [.. consumers], [.. pollers], redis, mailboxes, receiver, former, followUps, twins, emptied, log, cancellationToken);
            return await AccountAsync(
                consumers, pollers, partitions, connection, mailboxes, receiver, former, followUps, twins, emptied, mail, log, failovers,
                gauges, cancellationToken);
        }
        finally
        {
            foreach (var worker in pollers.Concat(everybody))
                await worker.DisposeAsync();
        }
    }

    private async Task InjectAsync(
        WorkerProcess[] consumers, WorkerProcess[] pollers, RedisServers redis, Mailboxes mailboxes, EffectReceiver receiver,
        FormerOwner? former, FollowUpRun followUps, Twins twins,
        EmptiedRedis emptied, FaultLog log, CancellationToken cancellationToken)
    {
        var waits = options.Calm ? null : log.Begin(FaultKind.Waits, "");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        enough.CancelAfter(options.Duration);
        var kills = options.After ? followUps.Kills : null;
        var faults = new FaultSchedule(options.Seed, consumers, pollers, redis, mailboxes, receiver, former, kills, twins, emptied, log)
            .RunAsync(enough.Token, cancellationToken);
        var started = _time.GetTimestamp();
        while (!faults.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            // The other half of the mail arrives during the first two thirds of the time. The kills at follow-ups need emails until there
            // were enough of them, which may be much later on a slow machine: until then each minute brings half of what is left.
            var elapsed = _time.GetElapsedTime(started);
            var share = kills is { AreEnough: false }
                ? 1 - Math.Pow(0.5, elapsed.TotalMinutes)
                : Math.Min(1, 1.5 * (elapsed / options.Duration));
            await mailboxes.DeliverAsync((options.Emails / 2) + (int)((options.Emails - (options.Emails / 2)) * share), cancellationToken);
            await Task.WhenAny(faults, Task.Delay(TimeSpan.FromSeconds(0.5), _time, cancellationToken));
        }

        await faults;
        Console.WriteLine($"  {options.Emails - mailboxes.Delivered} emails arrive after the faults.");
        receiver.IsDown = false;
        waits?.Dispose();
        receiver.AcceptWaiting();
        await twins.StopAsync();
        await redis.HealAsync(cancellationToken);
        await mailboxes.DeliverAsync(options.Emails, cancellationToken);
        // A poller backs off from the server after a cut. A new one does not.
        foreach (var poller in pollers)
        {
            poller.Resume();
            await poller.KillAsync();
            poller.Start();
        }
    }

    private async Task<bool> AccountAsync(
        List<WorkerProcess> consumers, List<WorkerProcess> pollers, StreamPartition[] partitions, RedisConnection connection,
        Mailboxes mailboxes,
        EffectReceiver receiver, FormerOwner? former, FollowUpRun followUps, Twins twins,
        EmptiedRedis emptied, Mail mail, FaultLog log, FailoverWatch watch, Gauges gauges, CancellationToken cancellationToken)
    {
        var mails = mailboxes.Mails;
        var outcomes = new Outcomes();
        var drain = new Drain(consumers, partitions, mails, receiver, _time);
        var started = _time.GetTimestamp();
        var drained = await drain.RunAsync(cancellationToken);

        // Emails whose process was killed too often by chance are replayed, as an operator would do.
        var replayed = 0;
        foreach (var partition in drained ? partitions : [])
        {
            foreach (var deadLetter in await partition.DeadLetters.ListAsync(1_000, null, null, null, cancellationToken))
            {
                if (mail.FateOf(Mail.NumberOf(deadLetter.Subject)) is Fate.Kills or Fate.Refused)
                    continue;
                replayed++;
                outcomes.Add([deadLetter]);
                Console.WriteLine(
                    $"  replayed: {deadLetter.Mailbox} {deadLetter.Uid}, dead-lettered as {deadLetter.Reason} "
                    + $"after {deadLetter.DeliveryCount} deliveries ({deadLetter.ErrorType})");
                await partition.DeadLetters.ReplayAsync(deadLetter.Id, "faults", cancellationToken);
            }
        }

        drained = drained && await drain.RunAsync(cancellationToken);
        var drainTook = _time.GetElapsedTime(started);
        foreach (var worker in pollers.Concat(consumers).Concat(twins.Both))
            await worker.TerminateAsync();
        var bodies = new List<string>();
        foreach (var partition in partitions)
            bodies.AddRange(await BodyAccount.TroublesAsync(partition, connection, _time, cancellationToken));
        var deadLetters = new List<DeadLetter>();
        var vanished = 0L;
        foreach (var partition in partitions)
        {
            deadLetters.AddRange(await partition.DeadLetters.ListAsync(int.MaxValue, null, null, null, cancellationToken));
            vanished += (await partition.Inspector.ReadSnapshotAsync(details: false, cancellationToken)).Vanished;
        }

        outcomes.Add(receiver.Effects);
        outcomes.Add(deadLetters);
        outcomes.AddLost(emptied.DeadLetters);
        var followUpAccount = await followUps.AccountAsync(outcomes, emptied, cancellationToken);
        var failovers = watch.Failovers();
        var logs = pollers.Select(poller => poller.LogFile).ToArray();
        // A mailbox without a hint starts as StartFrom says: from the first email.
        var startedAgain = HintLines.StartedAgain(logs);
        var readOn = new Dictionary<string, uint>(HintLines.ReadOnAbove(logs), StringComparer.Ordinal);
        foreach (var mailbox in startedAgain)
            readOn[mailbox] = 0;
        var explanations = new Explanations(log.All, failovers, readOn, WorkerSettings.Lease);
        var account = Account.Of(mails, receiver.Effects, deadLetters, emptied.DeadLetters, mail, explanations) with
        {
            Troubles = [
                .. twins.Troubles,
                .. bodies,
                .. followUpAccount.Troubles,
                .. startedAgain.Where(emptied.HadHint).Select(mailbox => $"{mailbox}: started again without its hint"),
            ],
            TakenFromFormerOwners = former?.Taken ?? 0,
            RefusedToFormerOwners = former?.Refused ?? 0,
            Vanished = vanished,
            StopsAtLimit = StopLines.Of(logs),
        };
        if (options.After)
            FollowUpReport.Write(followUpAccount, followUps.Kills);
        Report.Write(account, log, failovers, gauges, twins, replayed, drained, drainTook);
        return account.IsGood && drained;
    }

    private IReadOnlyList<MailboxPlan> PlansOf(RedisServers redis) =>
        options.After ? MailboxPlan.All : MailboxPlan.ReadOnly(Math.Max(2, redis.Partitions.Count));

    private Twins TwinsOf(string folder, RedisServers redis, EffectReceiver receiver, FaultLog log, BodiesOptions bodies)
    {
        return new Twins(Twin("twin-1"), Twin("twin-2"), redis.Partitions.Count, log, _time);

        WorkerProcess Twin(string name) =>
            new(
                name, folder, ["consume", "--consumer", "twin"],
                WorkerSettings.OfConsumer(redis, receiver.UrlOf(name), options.StreamLimit, bodies));
    }

    private static async Task KillAsync(List<WorkerProcess> consumers, string name, FaultLog log)
    {
        using var fault = log.Begin(FaultKind.Poison, name);
        var consumer = consumers.Single(one => one.Name == name);
        await consumer.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(0.5), TimeProvider.System);
        consumer.Start();
    }

    private static StreamOptions StreamsOf(RedisServers redis)
    {
        var streams = new StreamOptions { ConnectionString = $"{redis.ConnectionString},asyncTimeout=20000" };
        foreach (var partition in redis.Partitions.Where(name => name.Length > 0))
            streams.Partitions.Add(partition);
        return streams;
    }
}
