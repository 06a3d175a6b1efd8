namespace EmailIngestion.Mailboxes;

/// <summary>Runs calls that block on a thread of their own: the thread pool's are for those that do not.</summary>
internal static class MailboxThread
{
    public static Task<T> RunAsync<T>(Func<T> call, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(call, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
