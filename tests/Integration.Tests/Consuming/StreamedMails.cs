using System.Security.Cryptography;
using System.Text;
using EmailIngestion.Bodies;
using EmailIngestion.Integration.Tests.Streams;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Streams;

namespace EmailIngestion.Integration.Tests.Consuming;

/// <summary>Emails that are too large to be processed in memory, in each store of bodies.</summary>
internal static class StreamedMails
{
    public const int MiB = 1024 * 1024;

    /// <summary>An email with a text and an attachment.</summary>
    /// <param name="uid">Its UID, and the seed of the attachment.</param>
    /// <param name="bytes">The length of the attachment. The email is a third longer.</param>
    public static (byte[] Raw, byte[] Attachment) Mail(uint uid, int bytes)
    {
        var attachment = new byte[bytes];
        new Random((int)uid).NextBytes(attachment);
        var head = $"From: a@example.test\r\nSubject: Large {uid}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            + "--b\r\n\r\nThe text.\r\n--b\r\nContent-Type: application/pdf; name=large.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n";
        const string End = "\r\n--b--\r\n";
        var raw = new byte[head.Length + Base64Length(bytes) + End.Length];
        var at = Encoding.ASCII.GetBytes(head, raw);
        // By lines, so that a test needs no text of the whole.
        for (var from = 0; from < bytes; from += 57)
        {
            if (from > 0)
                at += Encoding.ASCII.GetBytes("\r\n", raw.AsSpan(at));
            var piece = attachment.AsSpan(from, Math.Min(57, bytes - from));
            System.Buffers.Text.Base64.EncodeToUtf8(piece, raw.AsSpan(at), out _, out var written);
            at += written;
        }

        at += Encoding.ASCII.GetBytes(End, raw.AsSpan(at));
        return (raw[..at], attachment);
    }

    /// <summary>An email whose text is one uuencoded file, for which the parser needs the text in memory.</summary>
    /// <param name="bytes">The length of the text at least.</param>
    public static byte[] Uuencoded(int bytes)
    {
        const string Line = "M#0H-\"@T*#0H-\"@T*#0H-\"@T*#0H-\"@T*#0H-\"@T*#0H-\"@T*#0H-\"@T*#0H-\r\n";
        var text = new StringBuilder("From: a@example.test\r\nSubject: Encoded\r\nContent-Type: text/plain\r\n\r\nbegin 644 large.bin\r\n");
        while (text.Length < bytes)
            text.Append(Line);
        return Encoding.ASCII.GetBytes(text.Append("`\r\nend\r\n").ToString());
    }

    /// <summary>A partition with one of the three stores.</summary>
    public static async Task<TestPartition> PartitionAsync(
        TestServers servers, BodyStoreKind store, Azurite azurite, NodePackages packages)
    {
        if (store != BodyStoreKind.AzureBlob)
            return new TestPartition(servers, bodies: bodies => bodies.Store = store);
        var process = await azurite.StartedAsync(packages, CancellationToken.None);
        var container = await process.CreateContainerAsync(CancellationToken.None);
        return new TestPartition(servers, bodies: bodies =>
            (bodies.Store, bodies.Container, bodies.ConnectionString) = (store, container.Name, process.ConnectionString()));
    }

    /// <summary>The settings of a process that has the same stores.</summary>
    public static LocalSettings Settings(TestPartition partition)
    {
        var settings = partition.Settings();
        settings["Bodies:Folder"] = partition.BodiesOptions.Folder;
        settings["Bodies:Container"] = partition.BodiesOptions.Container;
        settings["Bodies:ConnectionString"] = partition.BodiesOptions.ConnectionString;
        settings["Consumer:LeaseRenewal"] = "00:00:00.500";
        return settings;
    }

    /// <summary>Appends emails with the UIDs from 1 on, as a poller does.</summary>
    public static async Task<IReadOnlyList<BodyReference>> AppendAsync(TestPartition partition, params IEnumerable<byte[]> raws)
    {
        var stream = partition.Partition.Stream;
        await partition.EnsureGroupAsync();
        var cursor = await Mails.StartAsync(stream);
        var bodies = new List<BodyReference>();
        foreach (var raw in raws)
        {
            var message = Mails.Message((uint)bodies.Count + 1) with { Raw = raw, Size = raw.Length };
            List<AppendItem> step = [new AppendItem(message, SHA256.HashData(raw)[..16])];
            if (await stream.Bodies.TryWriteAsync(step, CancellationToken.None) is { } failure)
                throw new InvalidOperationException(failure);
            await stream.AppendAsync(Mails.Mailbox, cursor, (uint)bodies.Count, step, Mails.Window, CancellationToken.None);
            bodies.Add(step[0].Body!);
        }

        return bodies;
    }

    /// <summary>Replaces the content of a body behind the store's back.</summary>
    public static Task ReplaceAsync(TestPartition partition, BodyReference body, byte[] content) => body.Store == BodyStoreKind.Redis
        ? partition.Database.StringSetAsync(partition.Keys.Bodies.Body(body.Name), content)
        : partition.Partition.Bodies.Of(body).WriteAsync(body, new MemoryStream(content), CancellationToken.None);

    /// <summary>Deletes a body behind the store's back.</summary>
    public static async Task DeleteAsync(TestPartition partition, BodyReference body)
    {
        var store = partition.Partition.Bodies.Of(body);
        await store.DeleteAsync((await store.FindAsync(body.Name, CancellationToken.None))!, CancellationToken.None);
    }

    private static int Base64Length(int bytes) => (bytes / 57 * 78) + 100;
}
