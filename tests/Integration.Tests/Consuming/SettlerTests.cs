using EmailIngestion.Consuming;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;
using Polly.Registry;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests the rules by which each outcome is written, also when Redis executes the command and its reply is lost.</summary>
public sealed class SettlerTests(TestServers servers) : IAsyncLifetime
{
    private static readonly ConsumerOptions Options = new() { Lease = TimeSpan.FromMinutes(1) };
    private static readonly FailureRecord Failure = FailureRecord.Of(DeadLetterReasons.MaxDeliveries, "TestException", "broken");

    private static readonly Dictionary<string, Outcome> Outcomes = new(StringComparer.Ordinal)
    {
        ["completed"] = new Outcome.Completed(),
        ["retry"] = new Outcome.Retry(Counted: true, "failed"),
        ["released"] = new Outcome.Retry(Counted: false, "stopping"),
        ["postponed"] = new Outcome.Postponed(TimeSpan.FromHours(1), Failure),
        ["dead letter"] = new Outcome.DeadLetter(Failure),
    };

    private readonly ServiceProvider _services =
        new ServiceCollection().AddSingleton(TimeProvider.System).AddRedisPipeline().BuildServiceProvider();

    private LosingProxy _proxy = null!;
    private TestPartition _partition = null!;
    private ConsumerGroup _group = null!;
    private Settler _settler = null!;
    private Lease[] _leases = [];

    public async ValueTask InitializeAsync()
    {
        _proxy = new LosingProxy(servers);
        _partition = new TestPartition(servers, options => options.ConnectionString = _proxy.ConnectionString);
        await _partition.EnsureGroupAsync();
        await Mails.AppendAsync(_partition.Partition.Stream, 2);
        _group = _partition.Partition.Join("one", Options.Lease);
        _settler = new Settler(
            _group,
            _partition.Partition.DeadLetters,
            Options,
            _services.GetRequiredService<ResiliencePipelineProvider<string>>(),
            TimeProvider.System);
        _leases = [.. (await _group.Reader.ReadAsync(2, TimeSpan.FromSeconds(1), CancellationToken.None)).Select(Leased)];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var lease in _leases)
            lease.Dispose();
        await _settler.DisposeAsync();
        await _group.DisposeAsync();
        await _partition.DisposeAsync();
        _proxy.Dispose();
        await _services.DisposeAsync();
    }

    // The entries that are pending, processed, dead-lettered and postponed afterwards.
    [Theory]
    [InlineData("completed", Settlement.Completed, "", 1, 0, 0)]
    [InlineData("retry", Settlement.Retried, "(retry) 1", 0, 0, 0)]
    [InlineData("released", Settlement.Released, "(retry) 0", 0, 0, 0)]
    [InlineData("postponed", Settlement.Postponed, "(retry) 0", 0, 0, 1)]
    [InlineData("dead letter", Settlement.DeadLettered, "", 0, 1, 0)]
    internal async Task Each_outcome_has_its_effect(
        string outcome, Settlement settlement, string pending, int processed, int deadLettered, int postponed)
    {
        Assert.Equal(settlement, await _settler.SettleAsync(_leases[0], Outcomes[outcome]));

        Assert.Equal((pending, processed, deadLettered, postponed), await EffectAsync(_leases[0]));
    }

    [Theory]
    [InlineData("completed", Settlement.CompletedBefore, "", 1, 0)]
    [InlineData("retry", Settlement.Retried, "(retry) 1", 0, 0)]
    [InlineData("dead letter", Settlement.Lost, "", 0, 1)]
    internal async Task An_outcome_whose_reply_is_lost_is_repeated_and_has_one_effect(
        string outcome, Settlement settlement, string pending, int processed, int deadLettered)
    {
        await LoseReplyAsync(outcome);

        Assert.Equal(settlement, await _settler.SettleAsync(_leases[0], Outcomes[outcome]));

        Assert.Equal((pending, processed, deadLettered, 0), await EffectAsync(_leases[0]));
        Assert.Equal(2, _proxy.Sent);
    }

    [Theory]
    [InlineData("released", 0)]
    [InlineData("postponed", 1)]
    public async Task An_outcome_that_is_not_counted_is_not_repeated_after_a_lost_reply(string outcome, int postponed)
    {
        await LoseReplyAsync(outcome);

        var error = await Assert.ThrowsAnyAsync<Exception>(() => _settler.SettleAsync(_leases[0], Outcomes[outcome]));

        Assert.True(RedisErrors.IsPassing(error));
        Assert.Equal(("(retry) 0", 0, 0, postponed), await EffectAsync(_leases[0]));
        Assert.Equal(1, _proxy.Sent);
    }

    [Theory]
    [InlineData("completed", Settlement.Completed)]
    [InlineData("retry", Settlement.Lost)]
    [InlineData("released", Settlement.Lost)]
    [InlineData("postponed", Settlement.Lost)]
    [InlineData("dead letter", Settlement.Lost)]
    internal async Task After_the_lease_has_expired_here_only_completed_work_is_written(string outcome, Settlement settlement)
    {
        var before = await RedisState.OfAsync(_partition);
        _leases[0].Lose();

        Assert.Equal(settlement, await _settler.SettleAsync(_leases[0], Outcomes[outcome]));

        var after = await RedisState.OfAsync(_partition);
        Assert.Equal(settlement == Settlement.Lost, before.SequenceEqual(after));
    }

    [Theory]
    [InlineData("completed")]
    [InlineData("postponed")]
    [InlineData("dead letter")]
    public async Task A_delivery_of_another_consumer_is_reported_as_lost(string outcome)
    {
        await _partition.Database.StreamClaimAsync(
            _partition.Keys.Stream, StreamKeys.Group, "thief", 0, [_leases[0].Delivery.EntryId]);

        Assert.Equal(Settlement.Lost, await _settler.SettleAsync(_leases[0], Outcomes[outcome]));

        Assert.Equal(("thief 2", 0, 0, 0), await EffectAsync(_leases[0]));
    }

    [Theory]
    [InlineData(1, Settlement.PostponedCounted, "(retry) 1", 0)]
    [InlineData(5, Settlement.DeadLettered, "", 1)]
    internal async Task A_day_after_the_first_one_a_postponement_counts_and_the_last_is_a_dead_letter(
        int deliveryCount, Settlement settlement, string pending, int deadLettered)
    {
        var entry = _leases[0].Delivery.EntryId;
        var dayAgo = TimeProvider.System.GetUtcNow().AddDays(-1).ToUnixTimeMilliseconds();
        await _partition.Database.HashSetAsync(_partition.Keys.Postponed, entry, $"{dayAgo} {dayAgo}");
        await _partition.Database.ExecuteAsync(
            "XCLAIM", _partition.Keys.Stream, StreamKeys.Group, "one", 0, entry, "RETRYCOUNT", deliveryCount, "JUSTID");
        using var lease = Leased(_leases[0].Delivery with { DeliveryCount = deliveryCount });

        Assert.Equal(settlement, await _settler.SettleAsync(lease, Outcomes["postponed"]));

        Assert.Equal((pending, 0, deadLettered, 1 - deadLettered), await EffectAsync(lease));
    }

    private static Lease Leased(Delivery delivery) => new(delivery, Options.Lease, TimeProvider.System);

    // The second delivery goes first, so that Redis knows the script and the next reply is the one that is lost.
    private async Task LoseReplyAsync(string outcome)
    {
        await _settler.SettleAsync(_leases[1], Outcomes[outcome]);
        await _partition.Database.KeyDeleteAsync(
        [
            _partition.Keys.DeadLetters, _partition.Keys.Postponed,
            .. _partition.AllKeys().Where(key => key.ToString().StartsWith("idempotency:", StringComparison.Ordinal)),
        ]);
        _proxy.LoseReplyTo(_leases[0].Delivery.EntryId);
    }

    private async Task<(string Pending, int Processed, int DeadLettered, int Postponed)> EffectAsync(Lease lease)
    {
        var entry = lease.Delivery.EntryId;
        var pending = (await RedisState.PendingAsync(_partition.Database, _partition.Keys.Stream))
            .SingleOrDefault(line => line.StartsWith($"{entry} ", StringComparison.Ordinal));
        return (
            pending?[(entry.Length + 1)..] ?? "",
            (int)await Consumers.ProcessedAsync(_partition.Database, _partition.Keys),
            (int)await _partition.Database.StreamLengthAsync(_partition.Keys.DeadLetters),
            await _partition.Database.HashExistsAsync(_partition.Keys.Postponed, entry) ? 1 : 0);
    }
}
