using System.Globalization;
using EmailIngestion.Health;
using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>Tests hanging mailboxes beside a good one.</summary>
public sealed class SlowMailboxTests(TestServers servers) : IDisposable
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly ManualResetEventSlim _hangs = new();

    public void Dispose() => _hangs.Dispose();

    [Fact]
    public async Task A_hanging_mailbox_does_not_delay_the_next_poll_of_others()
    {
        await using var partition = new TestPartition(servers);
        var healthy = new ScriptedMailbox().Fill(1);
        var host = await StartAsync(partition, healthy, hanging: 1, parallel: 8);
        var polls = host.Services.GetRequiredService<PollService>();

        var fired = polls.FireAsync(TestContext.Current.CancellationToken);
        await AppendedAsync(partition, 1);
        Assert.False(fired.IsCompleted);
        await AdvanceUntilAsync(() => fired.IsCompleted, TimeSpan.FromSeconds(1));
        healthy.Fill(2);
        // Repeated, as a timer does. The first request may come while the former poll is still ending.
        await Eventually.TrueAsync(
            async () =>
            {
                _ = polls.FireAsync(TestContext.Current.CancellationToken);
                return await partition.Database.StreamLengthAsync(partition.Keys.Stream) == 2;
            },
            "the second email is appended");
        _hangs.Set();
    }

    [Fact]
    public async Task Hanging_mailboxes_in_every_poll_slot_do_not_stop_the_others()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition, new ScriptedMailbox().Fill(1), hanging: 2, parallel: 2);

        _ = host.Services.GetRequiredService<PollService>().FireAsync(TestContext.Current.CancellationToken);

        await AdvanceUntilAsync(() => partition.Database.StreamLength(partition.Keys.Stream) == 1, TimeSpan.FromSeconds(5));
        _hangs.Set();
    }

    [Fact]
    public async Task A_poll_that_a_stop_cancels_is_not_a_failure()
    {
        await using var partition = new TestPartition(servers);
        var started = new TaskCompletionSource();
        var mailbox = new ScriptedMailbox
        {
            Opening = () => { started.TrySetResult(); _hangs.Wait(TimeSpan.FromMinutes(3)); throw new IOException("Cut."); },
        };
        var host = await partition.StartPollerAsync(mailbox);
        var poll = host.PollAsync();
        await started.Task;

        var polls = host.Services.GetRequiredService<MailboxPolls>();
        var stop = host.StopAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => polls.Stopping.IsCancellationRequested, "the stop has begun");
        _hangs.Set();
        await stop;

        Assert.Equal(new PollResult(PollEnd.Stopped), await poll);
        Assert.Empty((await partition.ReadSnapshotAsync()).Mailboxes);
    }

    [Fact]
    public async Task The_first_poll_of_a_process_is_no_failure_before_its_end()
    {
        await using var partition = new TestPartition(servers);
        var started = new TaskCompletionSource();
        var mailbox = new ScriptedMailbox
        {
            Opening = () => { started.TrySetResult(); _hangs.Wait(TimeSpan.FromMinutes(3)); throw new IOException("Cut."); },
        };
        var host = await partition.StartPollerAsync(mailbox);
        var heartbeats = host.Services.GetRequiredService<Heartbeats>();
        var poll = host.PollAsync();
        await started.Task;
        Assert.Empty(heartbeats.Failing());

        _hangs.Set();
        await poll;
        Assert.Equal([(PollService.Loop, false)], heartbeats.Failing());
    }

    private async Task AdvanceUntilAsync(Func<bool> condition, TimeSpan step) => await Eventually.TrueAsync(
        () =>
        {
            _time.Advance(step);
            return condition();
        },
        "it happens within the time");

    private static Task AppendedAsync(TestPartition partition, int count) => Eventually.TrueAsync(
        async () => await partition.Database.StreamLengthAsync(partition.Keys.Stream) == count, $"{count} emails are appended");

    private Task<WebApplication> StartAsync(TestPartition partition, ScriptedMailbox healthy, int hanging, int parallel)
    {
        var settings = partition.PollingSettings();
        settings["Polling:Parallel"] = parallel.ToString(CultureInfo.InvariantCulture);
        settings["Polling:Deadline"] = "1.00:00:00";
        for (var index = 0; index <= hanging; index++)
        {
            partition.AddMailbox(settings, index: index);
            settings[$"Mailboxes:{index}:Account"] = index < hanging ? $"hangs{index}" : "healthy";
        }

        var hangs = new ScriptedMailbox { Opening = () => _hangs.Wait(TimeSpan.FromMinutes(3)) };
        return partition.StartHostAsync(
            settings,
            services => services.AddSingleton<TimeProvider>(_time)
                .AddSingleton<Func<MailboxOptions, IMailbox>>(_ => options => options.Name == "healthy/INBOX" ? healthy : hangs));
    }
}
