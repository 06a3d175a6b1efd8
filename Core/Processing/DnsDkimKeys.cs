using DnsClient;
using EmailIngestion.Messages;
using EmailIngestion.Messages.Authentication;

namespace EmailIngestion.Processing;

/// <summary>
/// Finds the keys of DKIM signatures in DNS, by the name servers of the system. A question takes at most 2 seconds, and answers are kept.
/// </summary>
internal sealed class DnsDkimKeys(LookupClientOptions options, TimeProvider time) : IDkimKeys
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ShortestLife = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestLife = TimeSpan.FromHours(1);
    private static readonly TimeSpan LifeOfNone = TimeSpan.FromMinutes(5);

    // Short, but an outage does not cost each email a timeout.
    private static readonly TimeSpan LifeOfOutage = TimeSpan.FromSeconds(10);

    private readonly DkimKeyCache _cache = new(time);
    private LookupClient? _client;

    /// <summary>The options of these name servers; without any, those of the system.</summary>
    public static LookupClientOptions Options(params NameServer[] servers)
    {
        var options = servers.Length == 0 ? new LookupClientOptions() : new LookupClientOptions(servers);
        options.AutoResolveNameServers = servers.Length == 0;
        options.Timeout = Timeout / 2;
        options.Retries = 1;
        options.UseCache = false;
        options.ThrowDnsErrors = false;
        return options;
    }

    public DkimKeyAnswer Find(string name, CancellationToken cancellationToken)
    {
        if (_cache.Find(name) is { } kept)
            return kept;
        var (answer, life) = Ask(name, cancellationToken);
        _cache.Keep(name, answer, life);
        return answer;
    }

    private (DkimKeyAnswer Answer, TimeSpan Life) Ask(string name, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // Made at the first question: the system may have no name server yet.
            _client ??= new LookupClient(options);
            // The conversion of an email is synchronous, and the client's synchronous call cannot be cancelled.
            return Read(_client.QueryAsync(name, QueryType.TXT, cancellationToken: ends.Token).GetAwaiter().GetResult());
        }
        catch (Exception e)
        {
            // The client throws many kinds of exceptions for answers from outside, and wraps a cancellation in one. Without an answer the
            // email is converted all the same.
            cancellationToken.ThrowIfCancellationRequested();
            return (new DkimKeyAnswer(null, $"DNS did not answer: {BoundedText.Line(e.Message)}"), LifeOfOutage);
        }
    }

    private static (DkimKeyAnswer Answer, TimeSpan Life) Read(IDnsQueryResponse response)
    {
        if (response.Header.ResponseCode == DnsHeaderResponseCode.NotExistentDomain)
            return (DkimKeyAnswer.None, LifeOfNone);
        if (response.HasError)
            return (new DkimKeyAnswer(null, $"DNS did not answer: {BoundedText.Line(response.ErrorMessage)}"), LifeOfOutage);
        // A record of several strings is one text (RFC 6376, section 3.6.2.2). A name may have other records, such as a wildcard of SPF.
        foreach (var record in response.Answers.TxtRecords())
        {
            var text = string.Concat(record.Text);
            if (!text.Contains("p=", StringComparison.Ordinal))
                continue;
            var life = TimeSpan.FromSeconds(Math.Max(0, record.TimeToLive));
            return (new DkimKeyAnswer(text), life < ShortestLife ? ShortestLife : life > LongestLife ? LongestLife : life);
        }

        return (DkimKeyAnswer.None, LifeOfNone);
    }
}
