using System.Security.Cryptography;
using System.Text;
using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Messages;
using EmailIngestion.Streams;

namespace EmailIngestion.Integration.Tests.Streams;

/// <summary>Emails whose messages are not in their entries.</summary>
internal static class LargeMails
{
    public const int Bytes = 200_000;

    public static EmailMessage Message(uint uid, int bytes = Bytes, int epoch = 0)
    {
        var raw = Raw(uid, bytes);
        return Mails.Message(uid, epoch: epoch) with { Raw = raw, Size = raw.Length };
    }

    public static byte[] Raw(uint uid, int bytes = Bytes)
    {
        var raw = new byte[bytes];
        new Random((int)uid).NextBytes(raw);
        Encoding.ASCII.GetBytes($"Subject: Large {uid}\r\n\r\n").CopyTo(raw, 0);
        return raw;
    }

    /// <summary>The item as the poller appends it: outside Redis the body is written.</summary>
    public static async Task<AppendItem> ItemAsync(EmailStream stream, uint uid, int bytes = Bytes, int epoch = 0)
    {
        var message = Message(uid, bytes, epoch);
        List<AppendItem> step = [new AppendItem(message, SHA256.HashData(message.Raw.Span)[..16])];
        if (await stream.Bodies.TryWriteAsync(step, CancellationToken.None) is { } failure)
            throw new InvalidOperationException(failure);
        return step[0];
    }

    /// <summary>Appends one large email to a new mailbox, and returns the cursor as it was before and the item.</summary>
    public static async Task<(MailboxCursor Cursor, AppendItem Item)> AppendAsync(TestPartition partition, uint uid = 1, int bytes = Bytes)
    {
        var stream = partition.Partition.Stream;
        await partition.EnsureGroupAsync();
        var cursor = await Mails.StartAsync(stream);
        var item = await ItemAsync(stream, uid, bytes);
        await stream.AppendAsync(Mails.Mailbox, cursor, cursor.Last, [item], Mails.Window, CancellationToken.None);
        return (cursor, item);
    }

    /// <summary>What refers to each body, by its name: the size and the referers.</summary>
    public static async Task<Dictionary<string, string>> ReferersAsync(this TestPartition partition) =>
        (await partition.Database.HashGetAllAsync(partition.Keys.Bodies.Referers))
        .Where(field => BodyName.IsValid(field.Name!)).ToDictionary(field => (string)field.Name!, field => (string)field.Value!);

    /// <summary>Whether the store has the body.</summary>
    public static async Task<bool> HasBodyAsync(this TestPartition partition, BodyReference body) =>
        await partition.Partition.Bodies.Of(body).FindAsync(body.Name, CancellationToken.None) is not null;
}
