using System.Buffers.Binary;
using EmailIngestion.Load;
using EmailIngestion.Messages;
using EmailIngestion.Streams;
using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Bench.Sides;

/// <summary>Appends single emails at an even rate. Each carries the time at which it was sent.</summary>
internal static class LatencyAppendSide
{
    public const string Name = "latency-append";

    public static async Task<SideResult> RunAsync(int port, int count, int perSecond, int bytes)
    {
        var time = TimeProvider.System;
        await using var host = SideHost.Build(port, []);
        var stream = host.Services.GetRequiredService<StreamPartitions>().Get(LatencySide.Partition).Stream;
        await stream.Mailboxes.StartEpochAsync(LoadMail.Mailbox, null, LoadMail.UidValidity, 0, CancellationToken.None);
        var cursor = (await stream.Mailboxes.ReadCursorAsync(LoadMail.Mailbox, CancellationToken.None))!;
        var like = new LoadMail(bytes).Item(1, time.GetUtcNow()).Message;
        var stopper = new Stopper(port);
        var started = time.GetTimestamp();
        for (var uid = 1u; uid <= count; uid++)
        {
            var wait = TimeSpan.FromSeconds((uid - 1.0) / perSecond) - time.GetElapsedTime(started);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait, time);
            var raw = like.Raw.ToArray();
            BinaryPrimitives.WriteInt64BigEndian(raw.AsSpan(raw.Length - sizeof(long)), time.GetTimestamp());
            await stream.AppendAsync(
                LoadMail.Mailbox, cursor, uid - 1, [new AppendItem(like with { Id = new EmailId(uid), Uid = uid, Raw = raw }, [])],
                TimeSpan.Zero, CancellationToken.None);
        }

        return stopper.Result();
    }
}
