using EmailIngestion.Mailboxes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes;

public sealed class PollPlacesTests
{
    private static readonly MailboxOptions Watched = Of("one");

    [Theory]
    [InlineData("00:05:00", "", 6000, false)]
    [InlineData("00:05:00", "one", 29, false)]
    [InlineData("00:05:00", "one", 30, true)]
    [InlineData("00:05:00", "other", 599, false)]
    [InlineData("00:05:00", "other", 600, true)]
    [InlineData("00:05:00", "one other", 30, true)]
    // The connection would go to the other account.
    [InlineData("00:05:00", "other one", 30, false)]
    [InlineData("00:00:00", "one", 599, false)]
    [InlineData("00:00:00", "one", 600, true)]
    public async Task The_turn_of_a_watch_is_longer_if_the_next_one_has_to_log_in(
        string keepConnection, string waiting, int seconds, bool isOver)
    {
        using var ending = new CancellationTokenSource();
        using var places = new PollPlaces(
            Options.Create(new PollingOptions
            {
                ConnectionsPerServer = 2,
                ConnectionsPerHost = 1,
                KeepConnection = TimeSpan.Parse(keepConnection, null),
            }),
            TimeProvider.System,
            NullLogger<PollService>.Instance);
        using var turn = await places.AcquireToWatchAsync(Watched, ending.Token);
        var waits = waiting.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(username => places.AcquireToWatchAsync(Of(username), ending.Token))
            .ToArray();

        Assert.Equal(isOver, places.IsTurnOver(Watched, TimeSpan.FromSeconds(seconds)));

        await ending.CancelAsync();
        foreach (var wait in waits)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    private static MailboxOptions Of(string username) => new() { Host = "mail.example", Username = username };
}
