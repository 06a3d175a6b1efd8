using System.Globalization;
using EmailIngestion.Streams.Dlq;
using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Functions;

/// <summary>Reads the filter of dead letters from a query or a body, and names what is wrong with it.</summary>
internal static class FunctionFilters
{
    private const int MaxText = 1_000;

    /// <summary>Reads the filter of a query; null with the answer that refuses it.</summary>
    public static DeadLetterFilter? Read(IQueryCollection query, out IResult? refusal)
    {
        string? Text(string name) => FunctionRequests.Text(query[name]);

        return Check(
            new FilterBody(
                Text("mailbox"), Text("fingerprint"), Text("reason"), Text("errorType"), Text("from"), Text("to"), Text("text")),
            "",
            out refusal);
    }

    /// <summary>Reads the filter of a body; null with the answer that refuses it.</summary>
    public static DeadLetterFilter? Read(FilterBody? body, out IResult? refusal) =>
        Check(body ?? new FilterBody(null, null, null, null, null, null, null), "filter.", out refusal);

    private static DeadLetterFilter? Check(FilterBody body, string prefix, out IResult? refusal)
    {
        var texts = new (string Name, string? Text)[]
        {
            ("mailbox", body.Mailbox), ("fingerprint", body.Fingerprint), ("reason", body.Reason), ("errorType", body.ErrorType),
            ("text", body.Text),
        };
        refusal = null;
        // A script sends an empty part where its variable is not set: it does not mean all.
        var parts = texts.Append((Name: "from", Text: body.From)).Append((Name: "to", Text: body.To));
        var empty = parts.FirstOrDefault(one => one.Text is not null && string.IsNullOrWhiteSpace(one.Text)).Name;
        if (empty is not null)
            refusal = FunctionResults.Problem(400, "Bad filter", $"{prefix}{empty} is empty: leave it out to select all.");
        var tooLong = texts.FirstOrDefault(one => one.Text?.Length > MaxText).Name;
        if (tooLong is not null)
            refusal ??= FunctionResults.Problem(400, "Bad filter", $"{prefix}{tooLong} has more than {MaxText} characters.");
        var from = Time(body.From, $"{prefix}from", ref refusal);
        var to = Time(body.To, $"{prefix}to", ref refusal);
        if (from > to)
        {
            refusal ??= FunctionResults.Problem(
                400, "Bad filter", $"{prefix}from is '{body.From}', which is after {prefix}to, '{body.To}'.");
        }

        return refusal is not null
            ? null
            : new DeadLetterFilter
            {
                Mailbox = body.Mailbox,
                Fingerprint = body.Fingerprint,
                Reason = body.Reason,
                ErrorType = body.ErrorType,
                From = from,
                To = to,
                Text = body.Text,
            };
    }

    private static DateTimeOffset? Time(string? text, string name, ref IResult? refusal)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (text.Length <= 40 && DateTimeOffset.TryParseExact(
            text,
            ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out var time))
            return time;
        refusal ??= FunctionResults.Bad("Bad filter", name, text, "it must be a time such as 2026-01-31T12:00:00Z.");
        return null;
    }
}
