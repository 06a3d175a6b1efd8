using System.Collections.Concurrent;
using EmailIngestion.Messages;
using EmailIngestion.Processing;

namespace EmailIngestion.Hostile.Entries;

/// <summary>Parses each email as a processor does, and counts the emails.</summary>
internal sealed class CountingProcessor : IEmailProcessor
{
    public const string Name = "hostile";

    private readonly ConcurrentDictionary<string, int> _done = new(StringComparer.Ordinal);

    public bool Has(EmailId id) => _done.ContainsKey(id.ToString());

    public int Count => _done.Count;

    public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken)
    {
        _ = delivery.Email.Parsed;
        _done.AddOrUpdate(delivery.Email.Id.ToString(), 1, (_, count) => count + 1);
        return Task.CompletedTask;
    }
}
