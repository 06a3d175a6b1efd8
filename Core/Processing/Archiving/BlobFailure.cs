using Azure;
using Azure.Identity;
using EmailIngestion.Storage;

namespace EmailIngestion.Processing.Archiving;

/// <summary>Classifies the failures of the archive's storage account. None of them is the email's, so none is permanent.</summary>
internal static class BlobFailure
{
    /// <param name="error">The answer of the storage account, or that there was none.</param>
    /// <param name="signsIn">Whether Azure.Identity signs in; else the connection string has a key or a signature.</param>
    /// <param name="time">The clock, for a Retry-After that is a date.</param>
    public static TransientFailureException Of(RequestFailedException error, bool signsIn, TimeProvider time)
    {
        var fault = BlobFault.Of(error, ArchiveOptions.Section, signsIn, time);
        return error.Status == 0
            ? new TransientFailureException(fault.Message, error)
            : new TransientFailureException(fault.Message, fault.RetryAfter) { RefusesAll = fault.RefusesAll };
    }

    /// <summary>The failure of a sign-in: no email can be archived until it succeeds.</summary>
    public static TransientFailureException Of(AuthenticationFailedException error) =>
        new(BlobFault.Of(error, ArchiveOptions.Section).Message, error) { RefusesAll = true };
}
