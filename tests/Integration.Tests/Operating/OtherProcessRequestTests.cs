using EmailIngestion.Integration.Tests.SignIn;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Operations.Control;
using EmailIngestion.Streams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Integration.Tests.Operating;

/// <summary>Requests about a mailbox that are made in one process and carried out by the process that polls it.</summary>
public sealed class OtherProcessRequestTests(TestServers servers, SignInServers signIn) : IClassFixture<SignInServers>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_parked_mailbox_is_resumed_by_the_process_that_polls_it()
    {
        await using var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition);
        signIn.Tokens.Script(partition.User, _ => TokenReply.Error("invalid_client"));
        var settings = partition.PollingSettings();
        signIn.SignIn(settings, partition);
        await using var poller = CommandProcess.Start(partition, settings, "poll", "--data", partition.Folder);
        var control = Control(await AskingHostAsync(partition));
        await Eventually.TrueAsync(async () => (await FindAsync(partition)).IsParked, "its first poll parks it");

        Assert.Contains("parked", await control.RequestPollAsync(partition.Mailbox(), "ops", Cancel), StringComparison.Ordinal);
        var calls = signIn.Tokens.Calls(partition.User).Count;
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Cancel);
        Assert.Equal(calls, signIn.Tokens.Calls(partition.User).Count);

        signIn.Tokens.Script(partition.User, _ => null);
        Assert.Null(await control.RequestUnparkAsync(partition.Mailbox(), "ops", Cancel));
        await Eventually.TrueAsync(async () => (await partition.EmailsAsync()).Count == 3, "it is polled");
        await Eventually.TrueAsync(async () => !(await FindAsync(partition)).IsParked, "the status says so");
        Assert.False(poller.HasEnded);
    }

    [Fact]
    public async Task A_throttled_mailbox_is_not_asked_before_the_server_allows_it()
    {
        await using var partition = new TestPartition(servers);
        long? throttled = null;
        long? again = null;
        using var peer = new ImapPeer();
        peer.AnswerOverride = command =>
        {
            if (!command.StartsWith("LOGIN", StringComparison.Ordinal))
                return null;
            if (throttled is null)
            {
                throttled = TimeProvider.System.GetTimestamp();
                return new PeerAnswer("{tag} NO [THROTTLED] Suggested Backoff Time: 8000 milliseconds\r\n", false);
            }

            again ??= TimeProvider.System.GetTimestamp();
            return null;
        };
        var settings = partition.PollingSettings();
        peer.Serve(settings);
        await using var poller = CommandProcess.Start(partition, settings, "poll", "--data", partition.Folder);
        var control = Control(await AskingHostAsync(partition));
        await Eventually.TrueAsync(async () => (await FindAsync(partition)).IsThrottled, "its first poll is throttled");

        foreach (var (note, by) in new[]
        {
            (await control.RequestPollAsync(partition.Mailbox(), "ops", Cancel), "by this request"),
            (await control.RequestUnparkAsync(partition.Mailbox(), "ops", Cancel), "by the timer. "),
        })
        {
            Assert.StartsWith("The mail server throttles the mailbox. It is not asked before ", note, StringComparison.Ordinal);
            Assert.Contains($"UTC, and polled then {by}", note, StringComparison.Ordinal);
            Assert.Contains("Suggested Backoff Time", note, StringComparison.Ordinal);
        }

        // The request waits for the server's time, and is carried out then.
        await Eventually.TrueAsync(async () => (await partition.EmailsAsync()).Count == 3, "it is polled");
        Assert.True(TimeProvider.System.GetElapsedTime(throttled!.Value, again!.Value) >= TimeSpan.FromSeconds(8));
        await Eventually.TrueAsync(
            async () => (await partition.Partition.Control.ReadAsync(Cancel)).Polls.Count == 0, "the request is removed");
        Assert.Null(await control.RequestPollAsync(partition.Mailbox(), "ops", Cancel));
    }

    // A process of the same partition that polls nothing.
    private static Task<WebApplication> AskingHostAsync(TestPartition partition)
    {
        var settings = partition.Settings();
        settings["Polling:Enabled"] = "false";
        settings["Consumer:Enabled"] = "false";
        return partition.StartHostAsync(settings);
    }

    private static PartitionOperator Control(WebApplication host) => host.Services.GetRequiredService<IngestionControl>().Of(
        host.Services.GetRequiredService<StreamPartitions>().Served[0]);

    private static Task<MailboxSnapshot> FindAsync(TestPartition partition) =>
        partition.Partition.Inspector.FindMailboxAsync(partition.Mailbox(), Cancel);
}
