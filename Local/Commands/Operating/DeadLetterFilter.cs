using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>The flags that select dead letters.</summary>
internal sealed class DeadLetterFilter
{
    private readonly (string Field, Option<string?> Option)[] _options;

    public DeadLetterFilter()
    {
        _options =
        [
            ("mailbox", Option("--mailbox", "Those of a mailbox: account/folder.")),
            ("fingerprint", Option("--fingerprint", "Those of one cause, as `dlq groups` shows it.")),
            ("reason", Option("--reason", "Those of a reason, such as permanent or max-deliveries.")),
            ("errorType", Option("--error-type", "Those of an exception's type.")),
            ("from", Time("--from", "Those since a time: 2026-01-31T12:30:00Z, or the beginning of a day (2026-01-31, UTC).")),
            ("to", Time("--to", "Those until a time. A day is its beginning here, too, so that day is not included.")),
            ("text", Option("--text", "Those with a text in subject or sender.")),
        ];
    }

    public void AddTo(Command command)
    {
        foreach (var (_, option) in _options)
            command.Options.Add(option);
    }

    /// <summary>Whether a flag is given.</summary>
    public bool IsGiven(OperatingContext context) => Given(context).Any();

    public OperatingQuery AddTo(OperatingQuery query, OperatingContext context)
    {
        foreach (var (field, value) in Given(context))
            query.With(field, value);
        return query;
    }

    public JsonObject Json(OperatingContext context)
    {
        var json = new JsonObject();
        foreach (var (field, value) in Given(context))
            json[field] = value;
        return json;
    }

    private IEnumerable<(string Field, string Value)> Given(OperatingContext context)
    {
        foreach (var (field, option) in _options)
        {
            if (context.Get(option) is { } value)
                yield return (field, field is "from" or "to" ? Utc(value)! : value);
        }
    }

    private static Option<string?> Option(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description };
        option.Validators.Add(result =>
        {
            // A variable of a script that is not set must not select all.
            if (result.Tokens is [{ Value: var text }, ..] && string.IsNullOrWhiteSpace(text))
                result.AddError($"{name} is empty: leave it out to select all.");
        });
        return option;
    }

    private static Option<string?> Time(string name, string description)
    {
        var option = Option(name, description);
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !string.IsNullOrWhiteSpace(text) && Utc(text) is null)
                result.AddError($"{name} is '{ShownText.Clean(text)}': it must be a time such as 2026-01-31 or 2026-01-31T12:30:00Z.");
        });
        return option;
    }

    // The forms that the server takes: others could be another day than the one that is meant.
    private static string? Utc(string text) =>
        DateTimeOffset.TryParseExact(
            text,
            ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time)
            ? time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
            : null;
}
