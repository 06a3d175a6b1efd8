using System.Collections.Frozen;
using EmailIngestion.Messages;
using EmailIngestion.Messages.Authentication;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Processing;

/// <summary>
/// Finds the processors of an email by its mailbox. The consumer decides, not the poller: a changed setting also holds for queued emails. A
/// mailbox that is not in the settings has the default.
/// </summary>
internal sealed class ProcessorRoutes
{
    private readonly FrozenDictionary<string, Route> _byMailbox;
    private readonly Route _default;

    public ProcessorRoutes(
        IEnumerable<ProcessorRegistration> registrations, IOptions<ProcessingOptions> options, IDkimKeys? dkimKeys = null)
    {
        var settings = options.Value;
        var known = registrations.Select(registration => registration.Name).ToArray();
        var lists = new List<ProcessorList>();
        _default = new Route(
            ListOf(ProcessingOptions.ProcessorSetting, settings.Processor),
            new ReadingSettings { Limits = settings.Limits, DkimKeys = settings.VerifyDkim ? dkimKeys : null });
        var byMailbox = new Dictionary<string, Route>(StringComparer.Ordinal);
        foreach (var (number, mailbox) in settings.Mailboxes.Index())
        {
            byMailbox[mailbox.Mailbox] = new Route(
                string.IsNullOrWhiteSpace(mailbox.Processor)
                    ? _default.Processors
                    : ListOf(ProcessingOptions.SettingOf(number), mailbox.Processor),
                string.IsNullOrWhiteSpace(mailbox.AuthenticationServer)
                    ? _default.Reading
                    : _default.Reading with { AuthenticationServer = mailbox.AuthenticationServer.Trim() });
        }

        _byMailbox = byMailbox.ToFrozenDictionary(StringComparer.Ordinal);
        Lists = lists;

        ProcessorList ListOf(string setting, string text)
        {
            var list = new ProcessorList(lists.Count, setting, ProcessorNames.Read(text, known));
            if (lists.Find(other => other.Text == list.Text) is { } same)
                return same;
            lists.Add(list);
            return list;
        }
    }

    /// <summary>The different lists of the settings. The first one is the default.</summary>
    public IReadOnlyList<ProcessorList> Lists { get; }

    /// <summary>Returns the route of a mailbox's emails.</summary>
    public Route Of(string mailbox) => _byMailbox.Count > 0 && _byMailbox.TryGetValue(mailbox, out var route) ? route : _default;

    /// <param name="Processors">The processors in their order.</param>
    /// <param name="Reading">How the emails are read.</param>
    internal sealed record Route(ProcessorList Processors, ReadingSettings Reading);
}
