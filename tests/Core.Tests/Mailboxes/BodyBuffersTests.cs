using EmailIngestion.Mailboxes;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

/// <summary>Tests that the arrays of bodies are used again.</summary>
public sealed class BodyBuffersTests
{
    private const int Smallest = 1_024;
    private const int Largest = 1_024 * 1_024;

    // One is fetched while another is appended.
    private const int BatchesInFlight = 2;

    private readonly BodyBuffers _buffers = new();

    [Fact]
    public void Batches_in_flight_with_attachments_allocate_nothing_new()
    {
        var sizes = SizesInFlight();
        Run(sizes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(sizes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, sizes.Sum() / 10);
    }

    private void Run(List<int> sizes)
    {
        var rented = sizes.Select(_buffers.Rent).ToList();
        rented.ForEach(_buffers.Return);
    }

    // As many emails are between 1 and 2 KiB as between 512 KiB and 1 MiB.
    private static List<int> SizesInFlight()
    {
        var random = new Random(1);
        var emails = Enumerable.Range(1, 10_000)
            .Select(uid => new EmailEnvelope((uint)uid, (long)(Smallest * Math.Pow(Largest / Smallest, random.NextDouble())), null, null))
            .ToList();
        var batches = new EnvelopeBatches(new PollingOptions(), fairPart: long.MaxValue, streamedFrom: int.MaxValue);
        return [.. batches.Of(emails).Take(BatchesInFlight).SelectMany(batch => batch).Select(envelope => (int)envelope.Size!.Value)];
    }
}
