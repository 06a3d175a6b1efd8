using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Local.Hosting;
using Xunit;

namespace EmailIngestion.Functions.Tests.Worker;

/// <summary>Starts the real worker process with each form of the host's arguments, and with a setting that stops it.</summary>
public sealed class WorkerStartTests(TestRedis redis)
{
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_functions_load(bool bothArguments)
    {
        using var folder = new TemporaryFolder();
        await using var host = await WorkerHost.StartAsync(
            WorkerSettings.For(redis, $"t{Guid.NewGuid():N}", folder), bothArguments ? WorkerHost.BothArguments : WorkerHost.NewArguments);

        Assert.Equal(
            FunctionCatalog.Find(typeof(StatusFunction).Assembly).Select(function => function.Name).Order(StringComparer.Ordinal),
            host.Functions.Select(function => function.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("POLL_SCHEDULE", "every minute", "Settings: POLL_SCHEDULE is 'every minute': it must be NCRONTAB")]
    [InlineData("POLL_SCHEDULE", "", "Settings: POLL_SCHEDULE is missing: it is the schedule of a timer")]
    [InlineData("Archive:Folder", ".data/archive", "Settings: Archive:Folder is '.data/archive', a relative path, and no local.settings")]
    [InlineData("Polling:HintFolder", "hints", "Settings: Polling:HintFolder is 'hints', a relative path, and no local.settings")]
    [InlineData("Consumer:BatchSize", "0", "Settings: Consumer:BatchSize is 0: it must be between 1 and 1000.")]
    [InlineData("SECRETS_FOLDER", "/nowhere", "Settings: SECRETS_FOLDER is /nowhere, but there is no such folder.")]
    [InlineData("SECRETS_FOLDER", "secrets", "Settings: SECRETS_FOLDER is 'secrets', a relative path, and no local.settings")]
    [InlineData("Consumer:BatchSizes", "1", "Settings: Consumer:BatchSizes is not a setting")]
    public async Task A_bad_setting_ends_the_process_with_one_line(string setting, string value, string says)
    {
        using var folder = new TemporaryFolder();
        // No host listens there. The worker ends before it calls one.
        await using var worker = WorkerProcess.Start(
            WorkerHost.NewArguments(1),
            [.. WorkerSettings.For(redis, "unused", folder), .. WorkerSettings.Mailbox("unused", "127.0.0.1", 1), (setting, value)],
            scriptRoot: folder.Path);

        Assert.Equal(1, await worker.EndAsync(EndsWithin));
        Assert.StartsWith(says, Assert.Single(worker.Lines), StringComparison.Ordinal);
    }
}
