using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.Imap;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public sealed class ConnectionTurnsTests
{
    private static readonly ServerAccount One = new("mail.example", "one");
    private static readonly ServerAccount Other = new("mail.example", "other");
    private static readonly ServerAccount Elsewhere = new("mail.elsewhere", "one");

    [Fact]
    public void An_account_is_a_host_and_a_login_name_in_any_letters_on_any_port()
    {
        var account = ServerAccount.Of(new MailboxOptions { Host = "Mail.Example", Username = "One", Port = 143 });

        Assert.Equal(One, account);
        Assert.Equal(account, ServerAccount.Of(new MailboxOptions { Host = "mail.example", Username = "ONE", Port = 993 }));
    }

    [Fact]
    public async Task A_backfill_comes_after_polls_and_before_watches_which_give_way()
    {
        var turns = new ConnectionTurns(1, 0);
        var wanted = 0;
        turns.Wanted += _ => wanted++;
        var watch = await turns.AcquireToWatchAsync(One, CancellationToken.None);
        var (again, fill) = (turns.AcquireToWatchAsync(One, CancellationToken.None), turns.AcquireToFillAsync(One, CancellationToken.None));
        Assert.Equal((1, true, false), (wanted, turns.IsWanted(One), turns.IsWantedByPoll(One)));
        var poll = TakeAsync(turns, One);
        Assert.True(turns.IsWantedByPoll(One));

        watch.Dispose();
        var turn = await poll;
        Assert.False(fill.IsCompleted || again.IsCompleted);
        turn.Dispose();
        turn = await fill;
        Assert.False(again.IsCompleted);
        turn.Dispose();
        (await again).Dispose();
    }

    [Fact]
    public async Task Polls_beyond_the_limit_wait_in_the_order_they_came()
    {
        var turns = new ConnectionTurns(2, 0);
        var first = await TakeAsync(turns, One);
        await TakeAsync(turns, One);
        var (third, fourth) = (TakeAsync(turns, One), TakeAsync(turns, One));
        Assert.Equal(2, turns.Waiting);

        first.Dispose();
        // The second disposal changes nothing.
        first.Dispose();

        var turn = await third;
        Assert.False(fourth.IsCompleted);
        turn.Dispose();
        await fourth;
    }

    [Fact]
    public async Task A_watch_gets_a_place_only_while_no_poll_waits_for_it()
    {
        var turns = new ConnectionTurns(1, 0);
        var wanted = new List<ServerAccount>();
        turns.Wanted += wanted.Add;
        var watch = await turns.AcquireToWatchAsync(One, TestContext.Current.CancellationToken);
        var next = turns.AcquireToWatchAsync(One, TestContext.Current.CancellationToken);
        Assert.Empty(wanted);
        Assert.False(turns.IsWanted(One));
        Assert.Equal((One, null), (turns.NextToWatch(One), turns.NextToWatch(Other)));

        var poll = TakeAsync(turns, One);
        Assert.Equal([One], wanted);
        Assert.True(turns.IsWanted(One));
        Assert.False(turns.IsWanted(Other));

        watch.Dispose();
        var place = await poll;
        Assert.False(next.IsCompleted);
        place.Dispose();
        await next;
    }

    [Fact]
    public async Task Accounts_do_not_wait_for_each_other()
    {
        var turns = new ConnectionTurns(1, 0);
        await TakeAsync(turns, One);
        var waiting = TakeAsync(turns, One);

        await TakeAsync(turns, Other);
        await TakeAsync(turns, Elsewhere);

        Assert.False(waiting.IsCompleted);
    }

    [Fact]
    public async Task A_host_has_a_limit_for_all_accounts_and_the_longest_waiting_come_first()
    {
        var turns = new ConnectionTurns(2, 2);
        var one = await TakeAsync(turns, One);
        await TakeAsync(turns, One);
        var (other, again) = (TakeAsync(turns, Other), TakeAsync(turns, One));
        await TakeAsync(turns, Elsewhere);
        Assert.False(other.IsCompleted);

        one.Dispose();

        await other;
        Assert.False(again.IsCompleted);
    }

    // Otherwise the watch of another account would give way again and again, and nothing would come of it.
    [Fact]
    public async Task A_poll_at_the_limit_of_its_account_wants_no_connection_of_others()
    {
        var turns = new ConnectionTurns(1, 2);
        var one = await TakeAsync(turns, One);
        _ = TakeAsync(turns, One);
        Assert.True(turns.IsWanted(One));
        Assert.False(turns.IsWanted(Other));

        await TakeAsync(turns, Other);
        Assert.False(turns.IsWanted(Other));

        // Now the host's limit keeps a poll of a third account waiting, and any connection of the host helps.
        _ = TakeAsync(turns, One with { Username = "third" });
        Assert.True(turns.IsWanted(Other));
        one.Dispose();
    }

    [Fact]
    public async Task A_cancelled_wait_takes_no_turn()
    {
        using var enough = new CancellationTokenSource();
        var turns = new ConnectionTurns(1, 0);
        var first = await TakeAsync(turns, One);
        var waiting = turns.AcquireAsync(One, enough.Token);

        await enough.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, turns.Waiting);
        first.Dispose();
        await TakeAsync(turns, One);
    }

    private static Task<IDisposable> TakeAsync(ConnectionTurns turns, ServerAccount account) =>
        turns.AcquireAsync(account, TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
}
