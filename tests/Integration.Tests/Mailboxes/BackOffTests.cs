using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.Mailboxes;

/// <summary>A mailbox that keeps failing is not polled, for longer each time.</summary>
public class BackOffTests(TestServers servers)
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly ScriptedMailbox _mailbox = new ScriptedMailbox().Fill(1, 2, 3);

    [Fact]
    public async Task Back_off_starts_at_the_second_failure_in_a_row_and_doubles()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        Break();
        Assert.Equal(PollEnd.Failed, await PollAsync(host));
        Assert.Equal(PollEnd.Failed, await PollAsync(host));

        Assert.Equal(PollEnd.BackingOff, await PollAsync(host));
        Assert.Equal(PollEnd.BackingOff, await PollAfterAsync(host, TimeSpan.FromSeconds(29)));
        Assert.Equal(PollEnd.Failed, await PollAfterAsync(host, TimeSpan.FromSeconds(2)));
        Assert.Equal(PollEnd.BackingOff, await PollAfterAsync(host, TimeSpan.FromSeconds(59)));
        Assert.Equal(PollEnd.Failed, await PollAfterAsync(host, TimeSpan.FromSeconds(2)));
        Assert.Equal(PollEnd.BackingOff, await PollAfterAsync(host, TimeSpan.FromSeconds(119)));

        _mailbox.Opening = () => { };
        Assert.Equal(PollEnd.Complete, await PollAfterAsync(host, TimeSpan.FromSeconds(2)));
        Assert.Equal(PollEnd.Complete, await PollAsync(host));
        Assert.Equal(3, (await partition.EmailsAsync()).Count);
    }

    [Fact]
    public async Task Back_off_applies_however_long_the_mailbox_worked_before()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        for (var minute = 0; minute < 10; minute++)
            Assert.Equal(PollEnd.Complete, await PollAfterAsync(host, TimeSpan.FromMinutes(1)));

        Break();
        Assert.Equal(PollEnd.Failed, await PollAfterAsync(host, TimeSpan.FromMinutes(1)));
        Assert.Equal(PollEnd.Failed, await PollAfterAsync(host, TimeSpan.FromMinutes(1)));
        Assert.Equal(PollEnd.BackingOff, await PollAsync(host));
    }

    [Fact]
    public async Task Single_failures_cause_no_back_off()
    {
        await using var partition = new TestPartition(servers);
        var host = await StartAsync(partition);
        for (var minute = 0; minute < 5; minute++)
        {
            Break();
            Assert.Equal(PollEnd.Failed, await PollAfterAsync(host, TimeSpan.FromMinutes(1)));
            _mailbox.Opening = () => { };
            Assert.Equal(PollEnd.Complete, await PollAfterAsync(host, TimeSpan.FromMinutes(1)));
        }
    }

    private void Break() => _mailbox.Opening = () => throw new MailboxException("It is broken.");

    private Task<WebApplication> StartAsync(TestPartition partition) => partition.StartPollerAsync(
        null,
        services => services.AddSingleton<TimeProvider>(_time).AddSingleton<Func<MailboxOptions, IMailbox>>(_ => _mailbox));

    private Task<PollEnd> PollAfterAsync(WebApplication host, TimeSpan wait)
    {
        _time.Advance(wait);
        return PollAsync(host);
    }

    private static async Task<PollEnd> PollAsync(WebApplication host) => (await host.PollAsync()).End;
}
