using Azure;
using Azure.Identity;
using EmailIngestion.Storage;

namespace EmailIngestion.Bodies;

/// <summary>Runs the requests of a container of bodies, and turns each failure into <see cref="BodyStoreException"/>.</summary>
/// <param name="address">The container's address, without a signature.</param>
/// <param name="signsIn">Whether Azure.Identity signs in.</param>
/// <param name="time">The clock.</param>
internal sealed class BlobRequests(string address, bool signsIn, TimeProvider time)
{
    private const int NotFound = 404;
    private const int Changed = 412;

    public string Address => address;

    public Task<T> RunAsync<T>(Func<Task<T>> request, CancellationToken cancellationToken) =>
        RunAsync(request, () => false, cancellationToken);

    /// <param name="request">The request.</param>
    /// <param name="isOther">Whether its failure is another one than the account's.</param>
    /// <param name="cancellationToken">The caller's token: its cancellation is no failure.</param>
    public async Task<T> RunAsync<T>(Func<Task<T>> request, Func<bool> isOther, CancellationToken cancellationToken)
    {
        try
        {
            return await request();
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && !isOther() && FailureOf(e) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Runs a request for one blob. Null: the container has no such blob.</summary>
    public async Task<T?> FindAsync<T>(Func<Task<Response<T>>> request, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return (await RunAsync(request, cancellationToken)).Value;
        }
        catch (BodyStoreException e) when (IsNoBlob(e.InnerException))
        {
            return null;
        }
    }

    /// <summary>Runs a request for one blob in one version. False: the blob is not there, or has another version.</summary>
    public async Task<bool> TryAsync(Func<Task<Response>> request, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(request, cancellationToken);
            return true;
        }
        catch (BodyStoreException e) when (IsNoBlob(e.InnerException) || e.InnerException is RequestFailedException { Status: Changed })
        {
            return false;
        }
    }

    /// <summary>The failure of the account; null when the exception is of another kind.</summary>
    public BodyStoreException? FailureOf(Exception error) => error switch
    {
        RequestFailedException failed => Failure(BlobFault.Of(failed, BodiesOptions.Section, signsIn, time), failed),
        AuthenticationFailedException failed => Failure(BlobFault.Of(failed, BodiesOptions.Section), failed),
        // The client's own time is over.
        OperationCanceledException or TimeoutException => Failure(BlobFault.Late, error),
        AggregateException { InnerException: { } inner } => FailureOf(inner),
        IOException => Failure(BlobFault.Cut, error),
        _ => null,
    };

    private static BodyStoreException Failure(BlobFault fault, Exception error) =>
        new(BodyFailure.Unavailable, fault.Message, error) { RetryAfter = fault.RetryAfter };

    // A missing container has another code: it is no missing blob.
    private static bool IsNoBlob(Exception? error) =>
        error is RequestFailedException { Status: NotFound, ErrorCode: "BlobNotFound" };
}
