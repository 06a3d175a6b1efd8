namespace EmailIngestion.Mailboxes;

/// <summary>Runs blocking calls on dedicated threads, so that they do not occupy the thread pool.</summary>
internal static class MailboxThread
{
    public static Task<T> RunAsync<T>(Func<T> call, CancellationToken cancellationToken) =>
        Task.Factory.StartNew(call, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
