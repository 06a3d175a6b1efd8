using System.Collections.Frozen;
using EmailIngestion.Messages;
using EmailIngestion.Messages.Authentication;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>
/// Finds the processors of an email by its mailbox. The consumer decides, not the poller: a changed setting also holds for queued emails. A
/// mailbox that is not in the settings has the default. The routes may change while the process runs.
/// </summary>
internal sealed class ProcessorRoutes
{
    private readonly string[] _known;
    private readonly ProcessingOptions _settings;
    private readonly ReadingSettings _reading;
    private readonly Lock _gate = new();

    // Every list so far, by its index. A list that is used again later keeps its index, and so its circuit.
    private readonly List<ProcessorList> _seen = [];

    private Table _table;

    public ProcessorRoutes(
        IEnumerable<ProcessorRegistration> registrations, IOptions<ProcessingOptions> options, IDkimKeys? dkimKeys = null)
    {
        _settings = options.Value;
        _known = [.. registrations.Select(registration => registration.Name)];
        _reading = new ReadingSettings { Limits = _settings.Limits, DkimKeys = _settings.VerifyDkim ? dkimKeys : null };
        _table = Create(_settings.Mailboxes);
    }

    /// <summary>The different lists in use. The first one is the default.</summary>
    public IReadOnlyList<ProcessorList> Lists => Volatile.Read(ref _table).Lists;

    /// <summary>Returns the route of a mailbox's emails.</summary>
    public Route Of(string mailbox)
    {
        var table = Volatile.Read(ref _table);
        return table.ByMailbox.Count > 0 && table.ByMailbox.TryGetValue(mailbox, out var route) ? route : table.Default;
    }

    /// <summary>Replaces the routes of all mailboxes. They must be valid.</summary>
    public void Change(IReadOnlyList<MailboxRoute> mailboxes) => Volatile.Write(ref _table, Create(mailboxes));

    private Table Create(IReadOnlyList<MailboxRoute> mailboxes)
    {
        lock (_gate)
        {
            var lists = new List<ProcessorList>();
            var standard = new Route(ListOf(ProcessingOptions.ProcessorSetting, _settings.Processor), _reading);
            var byMailbox = new Dictionary<string, Route>(StringComparer.Ordinal);
            foreach (var mailbox in mailboxes)
            {
                byMailbox[mailbox.Mailbox] = new Route(
                    string.IsNullOrWhiteSpace(mailbox.Processor)
                        ? standard.Processors
                        : ListOf(mailbox.ProcessorSetting, mailbox.Processor),
                    string.IsNullOrWhiteSpace(mailbox.AuthenticationServer)
                        ? _reading
                        : _reading with { AuthenticationServer = mailbox.AuthenticationServer.Trim() });
            }

            return new Table(standard, byMailbox.ToFrozenDictionary(StringComparer.Ordinal), lists);

            ProcessorList ListOf(string setting, string text)
            {
                var list = new ProcessorList(_seen.Count, setting, ProcessorNames.Read(text, _known));
                if (_seen.Find(other => other.Text == list.Text) is { } same)
                    list = same;
                else
                    _seen.Add(list);
                if (!lists.Contains(list))
                    lists.Add(list);
                return list;
            }
        }
    }

    private sealed record Table(Route Default, FrozenDictionary<string, Route> ByMailbox, IReadOnlyList<ProcessorList> Lists);

    /// <param name="Processors">The processors in their order.</param>
    /// <param name="Reading">How the emails are read.</param>
    internal sealed record Route(ProcessorList Processors, ReadingSettings Reading);
}
