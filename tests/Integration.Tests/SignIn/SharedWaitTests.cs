using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.SignIn;
using EmailIngestion.Streams;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Integration.Tests.SignIn;

/// <summary>What a process obeys of the waits and parkings that Redis has, by a clock that the test sets.</summary>
public sealed class SharedWaitTests(TestServers servers)
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 0, true)]
    [InlineData(60, 0, true)]
    [InlineData(60, 59, true)]
    [InlineData(60, 60, false)]
    [InlineData(60, 61, false)]
    [InlineData(0, 0, false)]
    // The clock of the process that has parked it is ahead.
    [InlineData(119, 0, true)]
    [InlineData(120, 0, false)]
    [InlineData(600, 0, false)]
    [InlineData(600, 481, true)]
    public async Task A_parking_ends_by_the_clock(int endsInMinutes, int passedMinutes, bool isParked)
    {
        await using var partition = new TestPartition(servers);
        var wait = Wait(partition);
        var until = _time.GetUtcNow().AddMinutes(endsInMinutes);
        await ParkAsync(partition, until);

        _time.Advance(TimeSpan.FromMinutes(passedMinutes));

        Assert.Equal(isParked ? new RequiredWait(until, IsParked: true) : null, await wait.ReadAsync(Cancel));
        Assert.Equal(isParked, await wait.IsParkedAsync(Cancel));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    // The clock of the process that has parked it is ahead.
    [InlineData(90)]
    [InlineData(119)]
    public async Task A_corrected_account_ends_the_parking_of_then_and_none_that_follows(int endsInMinutes)
    {
        await using var partition = new TestPartition(servers);
        var wait = Wait(partition);
        var until = _time.GetUtcNow().AddMinutes(endsInMinutes);
        await ParkAsync(partition, until);

        wait.Resume();
        Assert.Null(await wait.ReadAsync(Cancel));
        Assert.Null(await wait.ReadAsync(Cancel));
        Assert.False(await wait.IsParkedAsync(Cancel));
        Assert.NotNull(await Wait(partition).ReadAsync(Cancel));

        await ParkAsync(partition, until.AddSeconds(-30));
        Assert.True((await wait.ReadAsync(Cancel))!.IsParked);
        wait.Resume();
        Assert.Null(await wait.ReadAsync(Cancel));
    }

    [Fact]
    public async Task A_correction_before_any_parking_ends_none()
    {
        await using var partition = new TestPartition(servers);
        var wait = Wait(partition);
        wait.Resume();
        Assert.Null(await wait.ReadAsync(Cancel));
        await ParkAsync(partition, _time.GetUtcNow().AddMinutes(60));
        Assert.True((await wait.ReadAsync(Cancel))!.IsParked);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_wait_beside_a_parking_changes_it_in_nothing(bool parksFirst)
    {
        await using var partition = new TestPartition(servers);
        var (parkedUntil, throttledUntil) = (_time.GetUtcNow().AddMinutes(60), _time.GetUtcNow().AddMinutes(5));
        if (parksFirst)
            await ParkAsync(partition, parkedUntil);
        else
            await ParkAsync(partition, parkedUntil, throttledBy: "mail.test:993", throttledUntil);
        // A watch or a backfill.
        if (parksFirst)
            await Wait(partition).AddAsync(new MailboxThrottledException("Slow down.", TimeSpan.FromMinutes(5)), Cancel);

        var wait = Wait(partition);
        Assert.Equal(new RequiredWait(throttledUntil, IsParked: false), await wait.ReadAsync(Cancel));
        Assert.True(await wait.IsParkedAsync(Cancel));
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(new RequiredWait(parkedUntil, IsParked: true), await wait.ReadAsync(Cancel));
        // The wait of a server counts for all sign-in settings, and the parking does not.
        Assert.Null(await Wait(partition, "another").ReadAsync(Cancel));
    }

    [Fact]
    public async Task A_poll_that_succeeds_ends_the_parking_for_all()
    {
        await using var partition = new TestPartition(servers);
        await ParkAsync(partition, _time.GetUtcNow().AddMinutes(60));
        // As a process of an older version reports it, which knows no parking of all.
        await partition.Partition.Stream.Mailboxes.ReportSuccessAsync(Options("secret").Name, Cancel);
        Assert.Null(await Wait(partition).ReadAsync(Cancel));
    }

    [Fact]
    public async Task The_status_has_the_end_of_each()
    {
        await using var partition = new TestPartition(servers);
        var now = TimeProvider.System.GetUtcNow();
        await ParkAsync(partition, now.AddMinutes(60));
        await partition.Partition.Stream.Waits.ReportAsync(
            Options("secret").Name, "mail.test:993", now.AddMinutes(5), "Slow down.", Cancel);

        var mailbox = await partition.Partition.Inspector.FindMailboxAsync(Options("secret").Name, Cancel);

        Assert.Equal((true, true), (mailbox.IsParked, mailbox.IsThrottled));
        Assert.Equal((Round(now.AddMinutes(60)), Round(now.AddMinutes(5))), (mailbox.ParkedUntil, mailbox.Until));

        static DateTimeOffset Round(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
    }

    private SharedWait Wait(TestPartition partition, string secret = "secret") =>
        new(Options(secret), partition.Partition.Stream.Waits, new MailboxBackOff(_time), _time);

    private static MailboxOptions Options(string secret) => new()
    {
        Host = "mail.test",
        Username = "ann",
        Authentication = MailboxAuthentication.OAuth,
        OAuth = { ClientSecret = secret },
    };

    // As a process with the same sign-in settings reports it.
    private static Task ParkAsync(
        TestPartition partition, DateTimeOffset until, string? throttledBy = null, DateTimeOffset? throttledUntil = null)
    {
        var options = Options("secret");
        return partition.Partition.Stream.Mailboxes.ReportErrorAsync(
            options.Name, "refused", isParked: true, Cancel,
            new MailboxProgress(
                null, 0, 1, false, throttledUntil ?? until, throttledBy,
                new MailboxParking(SignInAccount.Of(options)!.Digest[..16], until)));
    }
}
