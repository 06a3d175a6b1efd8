using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using EmailIngestion.Operations.Control;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
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

        // Also a watch, which signs in before any poll.
        var other = await StartAsync(partition, settings => settings["Polling:MaxWatched"] = "50");
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

        var control = second.Services.GetRequiredService<IngestionControl>()
            .Of(second.Services.GetRequiredService<StreamPartitions>().Served[0]);
        Assert.Null(await control.RequestUnparkAsync(partition.Mailbox(), "ops", Cancel));

        await Eventually.TrueAsync(async () => (await partition.EmailsAsync()).Count == 3, "one of them polls it");
        await Eventually.TrueAsync(async () => !(await FindAsync(partition)).IsParked, "the parking is over");
        foreach (var host in new[] { first, second })
            await Eventually.TrueAsync(async () => (await host.PollAsync()).End == PollEnd.Complete, "each polls it");
    }

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
