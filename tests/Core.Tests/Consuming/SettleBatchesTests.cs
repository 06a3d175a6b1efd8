using EmailIngestion.Consuming;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Consuming;

public sealed class SettleBatchesTests
{
    private readonly List<string> _batches = [];
    private readonly TaskCompletionSource _began = new();
    private readonly TaskCompletionSource _first = new();

    [Fact]
    public async Task Deliveries_that_arrive_during_a_batch_are_settled_together_in_stream_order()
    {
        await using var batches = new SettleBatches(SettleAsync);
        var first = batches.AddAsync(Delivery("9-0"));
        await _began.Task;
        var (late, early) = (batches.AddAsync(Delivery("30-0")), batches.AddAsync(Delivery("4-0")));

        _first.SetResult();

        Assert.Equal([Settlement.Completed, Settlement.Lost, Settlement.Completed], await Task.WhenAll(first, late, early));
        Assert.Equal(["9-0", "4-0 30-0"], _batches);
    }

    [Fact]
    public async Task A_failure_reaches_the_deliveries_of_its_batch_only()
    {
        await using var batches = new SettleBatches(SettleAsync);
        var first = batches.AddAsync(Delivery("1-0"));
        await _began.Task;
        var second = batches.AddAsync(Delivery("2-0"));

        _first.SetException(new InvalidOperationException("broken"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => first);
        Assert.Equal(Settlement.Completed, await second);
    }

    [Fact]
    public async Task Deliveries_that_wait_are_settled_before_the_end()
    {
        var batches = new SettleBatches(SettleAsync);
        var (first, second) = (batches.AddAsync(Delivery("1-0")), batches.AddAsync(Delivery("2-0")));
        _first.SetResult();

        await batches.DisposeAsync();

        Assert.Equal([Settlement.Completed, Settlement.Completed], await Task.WhenAll(first, second));
    }

    private static Delivery Delivery(string entryId) => new(entryId, 1, null, "malformed");

    // The first batch waits for the test. An entry of time 30 belongs to another consumer.
    private async Task<Settlement[]> SettleAsync(IReadOnlyList<Delivery> batch)
    {
        _batches.Add(string.Join(' ', batch.Select(one => one.EntryId)));
        if (_began.TrySetResult())
            await _first.Task;
        return [.. batch.Select(one => one.EntryId == "30-0" ? Settlement.Lost : Settlement.Completed)];
    }
}
