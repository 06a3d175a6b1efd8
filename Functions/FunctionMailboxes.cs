using EmailIngestion.Operations.Control;
using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Functions;

/// <summary>Checks the mailbox that a request names.</summary>
internal static class FunctionMailboxes
{
    private const int MaxListed = 20;

    /// <summary>
    /// The refusal of a mailbox that the partition does not have, with the names of those that it has; null if it has it.
    /// </summary>
    public static async Task<IResult?> RefuseUnknownAsync(
        PartitionOperator partition, string? mailbox, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(mailbox))
            return FunctionResults.Problem(400, "Bad body", "mailbox is missing: it must be the name of a mailbox (account/folder).");
        var names = await partition.MailboxesAsync(cancellationToken);
        if (names.Contains(mailbox, StringComparer.Ordinal))
            return null;
        var listed = string.Join(", ", names.Take(MaxListed).Select(name => $"'{FunctionResults.Cut(name)}'"));
        var more = names.Count > MaxListed ? $" and {names.Count - MaxListed} more" : "";
        return FunctionResults.Problem(
            404,
            "No such mailbox",
            $"mailbox is '{FunctionResults.Cut(mailbox)}', which this partition does not have. "
            + (names.Count == 0 ? "It has none yet." : $"It has {listed}{more}."));
    }
}
