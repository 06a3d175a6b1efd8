using EmailIngestion.Bodies;
using EmailIngestion.Consuming;
using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Core.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Core.Tests.Consuming;

/// <summary>Tests failures of a store of bodies that it does not report as its own.</summary>
public sealed class BodyLoaderTests
{
    private const int MaxDeliveries = 3;

    private static readonly string Digest = BodyName.Digest([1]);

    public static TheoryData<string> Errors =>
        [nameof(InsufficientMemoryException), nameof(InvalidOperationException), nameof(TaskCanceledException)];

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task A_fault_of_a_store_counts_as_a_failed_delivery(string error)
    {
        var fault = Fault(error);

        var retry = Assert.IsType<Outcome.Retry>(await LoadAsync(fault, deliveryCount: 1));

        Assert.True(retry.Counted);
        Assert.Same(fault, retry.Error);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task A_fault_of_a_store_in_the_last_delivery_makes_a_dead_letter(string error)
    {
        var fault = Fault(error);

        var deadLetter = Assert.IsType<Outcome.DeadLetter>(await LoadAsync(fault, MaxDeliveries));

        Assert.Equal((DeadLetterReasons.MaxDeliveries, error), (deadLetter.Failure.Reason, deadLetter.Failure.ErrorType));
        Assert.Same(fault, deadLetter.Error);
    }

    private static Exception Fault(string error) => error switch
    {
        nameof(InsufficientMemoryException) => new InsufficientMemoryException(),
        nameof(TaskCanceledException) => new TaskCanceledException(),
        _ => new InvalidOperationException("a fault of a client library"),
    };

    private static async Task<Outcome?> LoadAsync(Exception fault, int deliveryCount)
    {
        var store = new StubStore(() => throw fault);
        var bodies = new GuardedBodies(new BodyStores(new BodiesOptions { Store = BodyStoreKind.Folder }, [store]), TimeProvider.System);
        var delivery = new Delivery("1-1", deliveryCount, Mail.Of(""), null)
        {
            Body = new BodyReference(BodyStoreKind.Folder, BodyName.Of("0123456789abcdef", new EmailId(1), Digest), 1, Digest),
        };
        using var lease = new Lease(delivery, TimeSpan.FromMinutes(1), TimeProvider.System);
        var streams = Options.Create(new StreamOptions { ConnectionString = "127.0.0.1:1" });
        await using var connection = StreamConnection.Create(streams);
        var loader = new BodyLoader(
            new StreamPartitions(connection, streams, TimeProvider.System),
            new BodySpool(Path.GetTempPath(), "Consumer:SpoolFolder", long.MaxValue),
            Options.Create(new ConsumerOptions { MaxDeliveries = MaxDeliveries }),
            TimeProvider.System,
            NullLogger<BodyLoader>.Instance);
        var (message, outcome) = await loader.LoadAsync(lease, bodies, "");
        Assert.Null(message);
        return outcome;
    }
}
