using System.Diagnostics.Metrics;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Operations.Control;
using EmailIngestion.Streams;
using EmailIngestion.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.SignIn;

/// <summary>A mailbox that one process has parked is parked for all that poll it with the same sign-in settings.</summary>
public sealed class SharedParkingTests(TestServers servers, SignInServers signIn) : IClassFixture<SignInServers>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_other_process_tries_a_parked_mailbox()
    {
        await using var partition = await ParkedAsync();
        var calls = Calls(partition);

        var other = await StartAsync(partition);
        for (var i = 0; i < 3; i++)
            Assert.Equal(PollEnd.Parked, (await other.PollAsync()).End);

        Assert.Equal(calls, Calls(partition));
        Assert.True((await FindAsync(partition)).IsParked);
    }

    [Fact]
    public async Task A_process_with_corrected_settings_is_not_parked_and_ends_the_parking()
    {
        await using var partition = await ParkedAsync();
        signIn.Tokens.Script(partition.User, _ => null);

        var corrected = await StartAsync(
            partition, settings => settings["Mailboxes:0:OAuth:ClientSecret"] = "another-secret-never-shown");
        Assert.Equal((PollEnd.Complete, 3), await PollAsync(corrected));

        Assert.False((await FindAsync(partition)).IsParked);
        // What another process has parked is parked no more.
        Assert.Equal(PollEnd.Complete, (await (await StartAsync(partition)).PollAsync()).End);
    }

    [Fact]
    public async Task Unparking_lets_each_process_try_again()
    {
        await using var partition = new TestPartition(servers);
        var first = await ParkAsync(partition);
        var second = await StartAsync(partition);
        Assert.Equal(PollEnd.Parked, (await second.PollAsync()).End);
        signIn.Tokens.Script(partition.User, _ => null);

        Assert.Null(await Operator(second).RequestUnparkAsync(partition.Mailbox(), "ops", Cancel));

        await Eventually.TrueAsync(async () => (await partition.EmailsAsync()).Count == 3, "one of them polls it");
        await Eventually.TrueAsync(async () => !(await FindAsync(partition)).IsParked, "the parking is over");
        foreach (var host in new[] { first, second })
            await Eventually.TrueAsync(async () => (await host.PollAsync()).End == PollEnd.Complete, "each polls it");
    }

    [Fact]
    public async Task A_watch_waits_for_the_end_of_the_parking_and_notices_it()
    {
        await using var partition = await ParkedAsync();
        var calls = Calls(partition);

        // Nothing polls there: the watch alone reads the mailbox's hash, every ten seconds.
        await UntilIdleAsync(isIdle: true);
        await StartAsync(partition, settings => settings["Polling:MaxWatched"] = "50");
        await UntilIdleAsync(isIdle: false);
        await UntilIdleAsync(isIdle: true);
        await UntilIdleAsync(isIdle: false);
        Assert.Equal(calls, Calls(partition));

        signIn.Tokens.Script(partition.User, _ => null);
        await EndParkingAsync(partition);
        await Eventually.TrueAsync(async () => (await partition.EmailsAsync()).Count == 3, "the watch begins a poll");

        Task UntilIdleAsync(bool isIdle) => Eventually.TrueAsync(
            async () => isIdle == await partition.Database.KeyIdleTimeAsync(partition.Keys.Cursor(partition.Mailbox()))
                >= TimeSpan.FromSeconds(3),
            isIdle ? "nothing reads the hash" : "the watch reads the hash");
    }

    [Fact]
    public async Task A_requested_poll_runs_once_another_process_has_ended_the_parking()
    {
        await using var partition = await ParkedAsync();
        var other = await StartAsync(partition);
        Assert.Equal(PollEnd.Parked, (await other.PollAsync()).End);
        signIn.Tokens.Script(partition.User, _ => null);
        await EndParkingAsync(partition);

        Assert.Null(await Operator(other).RequestPollAsync(partition.Mailbox(), "ops", Cancel));

        await Eventually.TrueAsync(async () => (await partition.EmailsAsync()).Count == 3, "it is polled");
    }

    [Fact]
    public async Task The_metric_of_a_paused_mailbox_follows_the_parking_by_another_process()
    {
        await using var partition = await ParkedAsync();
        var other = await StartAsync(partition);
        using var gauge = new MetricCollector<int>(
            other.Services.GetRequiredService<IMeterFactory>(), TelemetryNames.Meter, "email_ingestion_mailbox_parked");
        await Operator(other).PauseAsync(ControlScope.Mailbox, partition.Mailbox(), "ops", null, Cancel);

        Assert.Equal((PollEnd.Paused, 1), ((await other.PollAsync()).End, Gauge()));
        await EndParkingAsync(partition);
        Assert.Equal((PollEnd.Paused, 0), ((await other.PollAsync()).End, Gauge()));

        int Gauge()
        {
            gauge.RecordObservableInstruments();
            return gauge.LastMeasurement!.Value;
        }
    }

    // As another process with these sign-in settings does, whose poll signs in.
    private static Task EndParkingAsync(TestPartition partition) =>
        partition.Partition.Stream.Mailboxes.ReportSuccessAsync(
            partition.Mailbox(), Cancel, new MailboxProgress(null, 0, 1, IsWatched: false, Until: null));

    private static PartitionOperator Operator(WebApplication host) => host.Services.GetRequiredService<IngestionControl>()
        .Of(host.Services.GetRequiredService<StreamPartitions>().Served[0]);

    private async Task<TestPartition> ParkedAsync()
    {
        var partition = new TestPartition(servers);
        await ParkAsync(partition);
        return partition;
    }

    private async Task<WebApplication> ParkAsync(TestPartition partition)
    {
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => TokenReply.Error("invalid_client"));
        var host = await StartAsync(partition);
        Assert.True((await host.PollAsync()).IsParked);
        return host;
    }

    private Task<WebApplication> StartAsync(TestPartition partition, Action<LocalSettings>? change = null) =>
        partition.StartPollerAsync(settings =>
        {
            signIn.SignIn(settings, partition);
            change?.Invoke(settings);
        });

    private static async Task<(PollEnd End, int Appended)> PollAsync(WebApplication host)
    {
        var result = await host.PollAsync();
        return (result.End, result.Appended);
    }

    private int Calls(TestPartition partition) => signIn.Tokens.Calls(partition.User).Count;

    private static Task<MailboxSnapshot> FindAsync(TestPartition partition) =>
        partition.Partition.Inspector.FindMailboxAsync(partition.Mailbox(), Cancel);
}
