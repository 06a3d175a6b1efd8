using System.Globalization;
using System.Security.Cryptography;
using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Support;
using Xunit;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Tests the memory use of a consuming process.</summary>
[Collection(typeof(RunsAlone))]
public sealed class ConsumerMemoryTests(TestServers servers, Azurite azurite, NodePackages packages)
{
    private const int MiB = StreamedMails.MiB;

    public static TheoryData<BodyStoreKind> Stores => [.. Enum.GetValues<BodyStoreKind>()];

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task An_email_of_100_MB_is_archived_byte_for_byte_without_memory_for_it(BodyStoreKind store)
    {
        const int Count = 2;
        await using var partition = await StreamedMails.PartitionAsync(servers, store, azurite, packages);
        var digests = new List<string>();
        await StreamedMails.AppendAsync(partition, Enumerable.Range(1, Count).Select(uid =>
        {
            var raw = StreamedMails.Mail((uint)uid, 75 * MiB).Raw;
            Assert.InRange(raw.Length, 100_000_000, 120_000_000);
            digests.Add(Convert.ToHexString(SHA256.HashData(raw)));
            return raw;
        }));
        var settings = StreamedMails.Settings(partition);
        settings["Archive:Attachments"] = "true";
        settings["Consumer:Lease"] = "00:01:00";
        // .NET takes it from the size of the processor's cache. Hexadecimal: 4 MiB.
        settings["DOTNET_GCgen0size"] = "400000";

        await using var consumer = CommandProcess.Start(partition, settings, "consume");
        await partition.DrainedAsync(TimeSpan.FromMinutes(2));

        // It starts with about 90 MiB.
        Assert.InRange(PeakMebibytes(consumer.Id), 1, 190);
        Assert.Equal(0, await consumer.TerminateAsync());
        var archived = Directory.GetFiles(partition.Archive, "*.eml", SearchOption.AllDirectories);
        var found = new List<string>();
        foreach (var file in archived)
        {
            await using var stream = File.OpenRead(file);
            found.Add(Convert.ToHexString(await SHA256.HashDataAsync(stream, TestContext.Current.CancellationToken)));
        }

        Assert.Equal(digests.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        Assert.Equal(Count, Directory.GetFiles(partition.Archive, "0-large.pdf", SearchOption.AllDirectories).Length);
    }

    private static long PeakMebibytes(int process) => long.Parse(
        File.ReadLines($"/proc/{process}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;
}
