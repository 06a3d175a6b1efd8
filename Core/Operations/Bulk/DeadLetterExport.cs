using System.IO.Compression;
using System.Text;
using System.Text.Json;
using EmailIngestion.Bodies;
using EmailIngestion.Redis;
using EmailIngestion.Streams;
using EmailIngestion.Streams.Dlq;

namespace EmailIngestion.Operations.Bulk;

/// <summary>
/// Writes dead letters as a zip: one .eml each, and dead-letters.json at the end. One message at a time passes through in parts; the JSON
/// is compressed in memory until the end, and its size ends an export that is too large.
/// </summary>
public static class DeadLetterExport
{
    /// <summary>
    /// The most dead letters of one export. The JSON and the comment of the zip (<c>after=ID</c>) then say where the next begins.
    /// </summary>
    public const int MaxDeadLetters = 20_000;

    private const int MaxJsonBytes = 16 * 1024 * 1024;
    private const string Missing = "There is no message any more.";
    private const string OnlyHeaders = "Only the headers of the message were fetched.";
    private const string NeverFetched = "The message was never fetched. Find it in the mailbox by its uid.";

    /// <summary>Writes the zip to the stream, and records it in the audit.</summary>
    /// <exception cref="BodyStoreException">A store of bodies is away. The zip is incomplete.</exception>
    public static Task WriteAsync(
        StreamPartition partition, DeadLetterFilter filter, string? after, string who, Stream output,
        CancellationToken cancellationToken) =>
        WriteAsync(partition, filter, after, who, output, MaxDeadLetters, cancellationToken);

    internal static async Task WriteAsync(
        StreamPartition partition, DeadLetterFilter filter, string? after, string who, Stream output, int most,
        CancellationToken cancellationToken)
    {
        var json = JsonSerializer.Serialize(filter, BulkJson.Default.DeadLetterFilter);
        await partition.Audit.WriteAsync(new AuditRecord(who, "export", "", json, 0, "started"), cancellationToken);
        var count = 0L;
        var outcome = "ended early";
        try
        {
            var stream = new ExportStream(output);
            // Disposed only when it is complete: a zip that ended early must not look like a whole one.
            var zip = await ZipArchive.CreateAsync(
                stream, ZipArchiveMode.Create, leaveOpen: true, Encoding.UTF8, cancellationToken);
            using var list = new MemoryStream();
            string? last = null, next = null;
            await using (var compressed = new DeflateStream(list, CompressionLevel.Fastest, leaveOpen: true))
            {
                await foreach (var row in partition.DeadLetters.Search.WalkAsync(filter, after, "+", cancellationToken))
                {
                    // One more matches.
                    if (count == most || list.Length > MaxJsonBytes)
                    {
                        next = last;
                        break;
                    }

                    if (await ExportAsync(partition, row.Id, zip, cancellationToken) is not { } exported)
                        continue;
                    await compressed.WriteAsync(count > 0 ? ",\n"u8.ToArray() : "\n"u8.ToArray(), cancellationToken);
                    await JsonSerializer.SerializeAsync(compressed, exported, BulkJson.Default.ExportedDeadLetter, cancellationToken);
                    last = row.Id;
                    count++;
                }
            }

            await WriteListAsync(zip, list, next, cancellationToken);
            // At the end of the file, where a client finds it without taking the zip apart.
            if (next is not null)
                zip.Comment = $"after={next}";
            await zip.DisposeAsync();
            await stream.FlushAsync(cancellationToken);
            outcome = next is null ? "completed" : $"completed up to {next}";
        }
        finally
        {
            await RecordAsync(partition, new AuditRecord(who, "export", "", json, count, outcome));
        }
    }

    /// <summary>Whether an exception ends an export: the client has gone, or Redis or a store of bodies is away.</summary>
    public static bool IsExpected(Exception error, CancellationToken clientHasGone) =>
        clientHasGone.IsCancellationRequested || error is BodyStoreException || RedisErrors.IsRedis(error);

    private static async Task<ExportedDeadLetter?> ExportAsync(
        StreamPartition partition, string id, ZipArchive zip, CancellationToken cancellationToken)
    {
        if (await partition.DeadLetters.FindAsync(id, cancellationToken) is not { } deadLetter)
            return null;
        var note = deadLetter.Body switch { "none" => NeverFetched, "headers" => OnlyHeaders, _ => null };
        // Digits and a hyphen, which every file system takes.
        var name = $"{id}.eml";
        var isWritten = false;
        try
        {
            await using var content = await partition.Content.OpenAsync(id, cancellationToken);
            if (content is null)
                return new ExportedDeadLetter(deadLetter, null, note ?? Missing);
            isWritten = true;
            await using var file = await zip.CreateEntry(name, CompressionLevel.Fastest).OpenAsync(cancellationToken);
            await content.CopyToAsync(file, cancellationToken);
            return new ExportedDeadLetter(deadLetter, name, note);
        }
        catch (BodyStoreException e) when (e.Failure != BodyFailure.Unavailable)
        {
            return new ExportedDeadLetter(deadLetter, isWritten ? name : null, e.Message);
        }
    }

    private static async Task WriteListAsync(ZipArchive zip, MemoryStream list, string? next, CancellationToken cancellationToken)
    {
        list.Position = 0;
        await using var file = await zip.CreateEntry("dead-letters.json", CompressionLevel.Fastest).OpenAsync(cancellationToken);
        await file.WriteAsync("{\"deadLetters\":["u8.ToArray(), cancellationToken);
        await using (var items = new DeflateStream(list, CompressionMode.Decompress, leaveOpen: true))
            await items.CopyToAsync(file, cancellationToken);
        await file.WriteAsync(
            Encoding.UTF8.GetBytes($"\n],\"after\":{(next is null ? "null" : $"\"{next}\"")}}}\n"), cancellationToken);
    }

    private static async Task RecordAsync(StreamPartition partition, AuditRecord record)
    {
        try
        {
            await partition.Audit.WriteAsync(record, CancellationToken.None);
        }
        catch (Exception e) when (RedisErrors.IsRedis(e))
        {
            // The start of the export is recorded.
        }
    }
}
