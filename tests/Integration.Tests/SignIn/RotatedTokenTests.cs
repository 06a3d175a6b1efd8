using EmailIngestion.Integration.Tests.Support;
using EmailIngestion.Local.Hosting;
using EmailIngestion.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Xunit;

namespace EmailIngestion.Integration.Tests.SignIn;

/// <summary>
/// Tests a provider that replaces the refresh token at each use and refuses the former ones. The newest one is in Redis, encrypted.
/// </summary>
public sealed class RotatedTokenTests(TestServers servers, SignInServers signIn) : IClassFixture<SignInServers>, IDisposable
{
    private readonly Lock _gate = new();
    private readonly LogLines _log = new();
    private readonly string _keys = Directory.CreateTempSubdirectory("keys-").FullName;
    private string _valid = "configured-refresh-token";
    private int _issued;

    public void Dispose()
    {
        _log.Dispose();
        Directory.Delete(_keys, recursive: true);
    }

    [Fact]
    public async Task A_rotated_refresh_token_survives_a_restart()
    {
        await using var partition = await PrepareAsync();
        var first = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await first.PollAsync()).End);
        await first.StopAsync(TestContext.Current.CancellationToken);

        var second = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await second.PollAsync()).End);

        Assert.Equal(
            ["configured-refresh-token", "rotated-1"], signIn.Tokens.Calls(partition.User).Select(call => call.Of("refresh_token")));
    }

    [Fact]
    public async Task A_stop_waits_for_the_answer_with_a_new_refresh_token()
    {
        await using var partition = await PrepareAsync();
        var first = await StartAsync(partition);
        using var answer = new SemaphoreSlim(0);
        using var asked = new SemaphoreSlim(0);
        var rotate = Rotate(partition);
        signIn.Tokens.Script(partition.User, call =>
        {
            asked.Release();
            Assert.True(answer.Wait(TimeSpan.FromSeconds(60)));
            return rotate(call);
        });
        var poll = first.PollAsync();
        Assert.True(await asked.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        var stop = first.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(PollEnd.Stopped, (await poll).End);
        answer.Release();
        await stop;

        signIn.Tokens.Script(partition.User, rotate);
        Assert.Equal(1, (int)await partition.Database.HashGetAsync(KeptKey(partition), "version"));
        var second = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await second.PollAsync()).End);
        Assert.Equal(
            ["configured-refresh-token", "rotated-1"], signIn.Tokens.Calls(partition.User).Select(call => call.Of("refresh_token")));
    }

    [Fact]
    public async Task Two_pollers_share_the_newest_refresh_token()
    {
        await using var partition = await PrepareAsync();
        var (one, other) = (await StartAsync(partition), await StartAsync(partition));
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(PollEnd.Complete, (await one.PollAsync()).End);
            signIn.Tokens.Revoke(partition.User);
            Assert.Equal(PollEnd.Complete, (await other.PollAsync()).End);
            signIn.Tokens.Revoke(partition.User);
        }

        Assert.Equal(
            ["configured-refresh-token", .. Enumerable.Range(1, 5).Select(number => $"rotated-{number}")],
            signIn.Tokens.Calls(partition.User).Select(call => call.Of("refresh_token")));
    }

    [Fact]
    public async Task A_refused_token_is_replaced_by_what_another_poller_has_kept()
    {
        await using var partition = await PrepareAsync();
        // Another folder of the account, since a mailbox is polled by one process at a time.
        var (one, other) = (await StartAsync(partition), await StartAsync(partition, settings => settings["Mailboxes:0:Folder"] = "Other"));
        // While the first poller's request is on its way, the second one uses the token.
        var isFirst = true;
        var rotate = Rotate(partition);
        signIn.Tokens.Script(partition.User, call =>
        {
            if (!Interlocked.Exchange(ref isFirst, false))
                return rotate(call);
            Assert.Equal(PollEnd.Complete, other.PollAsync().GetAwaiter().GetResult().End);
            return rotate(call);
        });

        Assert.Equal(PollEnd.Complete, (await one.PollAsync()).End);

        Assert.Equal(
            ["configured-refresh-token", "configured-refresh-token", "rotated-1"],
            signIn.Tokens.Calls(partition.User).Select(call => call.Of("refresh_token")));
    }

    [Fact]
    public async Task A_refused_token_waits_for_what_another_poller_is_about_to_keep()
    {
        await using var partition = await PrepareAsync();
        var host = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        var before = await partition.Database.HashGetAllAsync(KeptKey(partition));
        signIn.Tokens.Revoke(partition.User);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        var newest = await partition.Database.HashGetAllAsync(KeptKey(partition));
        await host.StopAsync(TestContext.Current.CancellationToken);

        // The poller that has used rotated-1 keeps rotated-2 a moment after the refusal.
        await partition.Database.HashSetAsync(KeptKey(partition), before);
        Task? saved = null;
        var rotate = Rotate(partition);
        signIn.Tokens.Script(partition.User, call =>
        {
            saved ??= SaveLaterAsync();
            return rotate(call);
        });
        var other = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await other.PollAsync()).End);

        await saved!;
        Assert.Equal(
            ["configured-refresh-token", "rotated-1", "rotated-1", "rotated-2"],
            signIn.Tokens.Calls(partition.User).Select(call => call.Of("refresh_token")));

        async Task SaveLaterAsync()
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
            await partition.Database.HashSetAsync(KeptKey(partition), newest);
        }
    }

    [Fact]
    public async Task Another_configured_refresh_token_replaces_the_kept_one()
    {
        await using var partition = await PrepareAsync();
        var first = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await first.PollAsync()).End);
        await first.StopAsync(TestContext.Current.CancellationToken);

        _valid = "configured-later";
        var second = await StartAsync(partition, refreshToken: "configured-later");
        Assert.Equal(PollEnd.Complete, (await second.PollAsync()).End);
        await second.StopAsync(TestContext.Current.CancellationToken);
        var third = await StartAsync(partition, refreshToken: "configured-later");
        Assert.Equal(PollEnd.Complete, (await third.PollAsync()).End);

        Assert.Equal(
            ["configured-refresh-token", "configured-later", "rotated-2"],
            signIn.Tokens.Calls(partition.User).Select(call => call.Of("refresh_token")));
    }

    [Fact]
    public async Task A_Redis_that_lost_everything_gets_the_newest_token_again()
    {
        await using var partition = await PrepareAsync();
        var first = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await first.PollAsync()).End);
        await partition.Database.KeyDeleteAsync(KeptKey(partition));
        signIn.Tokens.Revoke(partition.User);
        // It is lost once more between the answer and the write.
        var rotate = Rotate(partition);
        signIn.Tokens.Script(partition.User, call =>
        {
            partition.Database.KeyDelete(KeptKey(partition));
            return rotate(call);
        });
        Assert.Equal(PollEnd.Complete, (await first.PollAsync()).End);
        await first.StopAsync(TestContext.Current.CancellationToken);

        signIn.Tokens.Script(partition.User, rotate);
        var second = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await second.PollAsync()).End);

        Assert.Equal(
            ["configured-refresh-token", "rotated-1", "rotated-2"],
            signIn.Tokens.Calls(partition.User).Select(call => call.Of("refresh_token")));
    }

    [Fact]
    public async Task A_failover_that_lost_the_last_write_does_not_bring_a_used_token_back()
    {
        await using var partition = await PrepareAsync();
        var host = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        var former = await partition.Database.HashGetAllAsync(KeptKey(partition));
        signIn.Tokens.Revoke(partition.User);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);

        await partition.Database.HashSetAsync(KeptKey(partition), former);
        signIn.Tokens.Revoke(partition.User);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);

        Assert.Equal(
            ["configured-refresh-token", "rotated-1", "rotated-2"],
            signIn.Tokens.Calls(partition.User).Select(call => call.Of("refresh_token")));
    }

    [Fact]
    public async Task Two_folders_with_tokens_of_their_own_keep_both()
    {
        await using var partition = await PrepareAsync();
        signIn.Tokens.Script(partition.User, call => signIn.Tokens.Success(partition.User, refreshToken: $"{call.Of("refresh_token")}+"));
        Action<LocalSettings> second = settings =>
        {
            partition.AddMailbox(settings, "Other", index: 1);
            signIn.SignIn(settings, partition, index: 1, refreshToken: "configured-other");
        };
        for (var start = 0; start < 2; start++)
        {
            var host = await StartAsync(partition, second);
            Assert.All((await host.PollAllAsync()).Values, result => Assert.Equal(PollEnd.Complete, result.End));
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(
            ["configured-other", "configured-other+", "configured-refresh-token", "configured-refresh-token+"],
            signIn.Tokens.Calls(partition.User).Select(call => call.Of("refresh_token")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_kept_token_does_not_depend_on_the_mailbox_that_asks_first()
    {
        await using var partition = await PrepareAsync();
        await using var later = new TestPartition(servers);
        Action<LocalSettings> both = settings => settings["Streams:Partitions:1"] = later.Name;
        var first = await StartAsync(partition, both);
        Assert.Equal(PollEnd.Complete, (await first.PollAsync()).End);
        await first.StopAsync(TestContext.Current.CancellationToken);

        // The same user by another name and in the other partition.
        var second = await StartAsync(partition, settings =>
        {
            both(settings);
            settings["Mailboxes:0:Account"] = "another name";
            settings["Mailboxes:0:Partition"] = later.Name;
        });
        Assert.Equal(PollEnd.Complete, (await second.PollAsync()).End);

        Assert.Equal(
            ["configured-refresh-token", "rotated-1"], signIn.Tokens.Calls(partition.User).Select(call => call.Of("refresh_token")));
    }

    [Fact]
    public async Task Redis_and_the_log_hold_no_token_in_clear()
    {
        await using var partition = await PrepareAsync();
        var host = await StartAsync(partition);
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
            signIn.Tokens.Revoke(partition.User);
        }

        signIn.Tokens.Script(partition.User, call => TokenReply.Error("invalid_grant", $"{call.Of("refresh_token")} was revoked"));
        Assert.True((await host.PollAsync()).IsParked);

        var kept = KeptKey(partition);
        Assert.Equal(
            ["token", "version"],
            (await partition.Database.HashKeysAsync(kept)).Select(field => field.ToString()).Order(StringComparer.Ordinal));
        var texts = new List<string>(_log.All.Select(line => $"{line.Text} {line.Exception}"));
        foreach (var key in partition.AllKeys())
            texts.Add($"{key} {await DumpAsync(partition.Database, key)}");
        Assert.All(texts, text => Assert.All(
            ["configured-refresh-token", "rotated-", "client-secret-never-shown", "at-"],
            secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal)));
        Assert.NotEmpty(Directory.GetFiles(_keys));
        if (OperatingSystem.IsWindows())
            return;
        foreach (var file in Directory.GetFiles(_keys))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task Without_a_folder_of_keys_the_token_stays_in_memory_and_the_log_says_so()
    {
        await using var partition = await PrepareAsync();
        var host = await StartAsync(partition, settings => settings["Polling:KeyFolder"] = "");
        for (var round = 0; round < 3; round++)
        {
            Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
            signIn.Tokens.Revoke(partition.User);
        }

        Assert.Single(_log.Of(260));
        Assert.DoesNotContain(partition.AllKeys(), key => key.ToString().Contains("refresh_token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lost_folder_of_keys_needs_a_new_sign_in_and_the_log_says_so()
    {
        await using var partition = await PrepareAsync();
        var first = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await first.PollAsync()).End);
        await first.StopAsync(TestContext.Current.CancellationToken);
        Directory.Delete(_keys, recursive: true);

        var second = await StartAsync(partition);
        Assert.True((await second.PollAsync()).IsParked);

        Assert.Single(_log.Of(261));
    }

    [Fact]
    public async Task A_folder_of_keys_that_cannot_be_read_for_a_while_uses_up_no_token()
    {
        await using var partition = await PrepareAsync();
        var first = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await first.PollAsync()).End);
        await first.StopAsync(TestContext.Current.CancellationToken);
        // A file in the place of the folder, as root may read everything.
        Directory.Move(_keys, $"{_keys}-away");
        await File.WriteAllTextAsync(_keys, "", TestContext.Current.CancellationToken);

        var second = await StartAsync(partition);
        var result = await second.PollAsync();
        Assert.Equal((PollEnd.Failed, false), (result.End, result.IsParked));
        Assert.StartsWith($"Polling:KeyFolder is {_keys}, which cannot be read: ", result.Error, StringComparison.Ordinal);
        File.Delete(_keys);
        Directory.Move($"{_keys}-away", _keys);
        Assert.Equal(PollEnd.Complete, (await second.PollAsync()).End);

        Assert.Equal(
            ["configured-refresh-token", "rotated-1"], signIn.Tokens.Calls(partition.User).Select(call => call.Of("refresh_token")));
    }

    [Fact]
    public async Task A_token_that_could_not_be_saved_is_saved_later()
    {
        await using var partition = await PrepareAsync();
        var host = await StartAsync(partition, settings => settings["Polling:KeyFolder"] = Path.Combine(_keys, "file", "keys"));
        // A file in the place of the folder.
        await File.WriteAllTextAsync(Path.Combine(_keys, "file"), "", TestContext.Current.CancellationToken);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        Assert.Single(_log.Of(262));

        File.Delete(Path.Combine(_keys, "file"));
        signIn.Tokens.Revoke(partition.User);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);

        Assert.Contains(partition.AllKeys(), key => key.ToString().Contains("refresh_token", StringComparison.Ordinal));
        Assert.Equal(
            ["configured-refresh-token", "rotated-1"], signIn.Tokens.Calls(partition.User).Select(call => call.Of("refresh_token")));
    }

    [Fact]
    public async Task A_failure_to_save_is_logged_each_time_that_it_begins()
    {
        await using var partition = await PrepareAsync();
        var host = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        var (key, rotate) = (KeptKey(partition), Rotate(partition));
        for (var failures = 1; failures <= 2; failures++)
        {
            var kept = await partition.Database.KeyDumpAsync(key);
            signIn.Tokens.Script(partition.User, call =>
            {
                var answer = rotate(call);
                partition.Database.StringSet(key, "of another type");
                return answer;
            });
            await PollAgainAsync(partition, host);
            Assert.Equal(failures, _log.Of(262).Count);

            await partition.Database.KeyDeleteAsync(key);
            await partition.Database.KeyRestoreAsync(key, kept!);
            signIn.Tokens.Script(partition.User, rotate);
            await PollAgainAsync(partition, host);
        }

        Assert.Equal(2, _log.Of(262).Count);
    }

    [Fact]
    public async Task A_token_that_cannot_be_decrypted_is_logged_each_time_that_it_begins()
    {
        await using var partition = await PrepareAsync();
        var host = await StartAsync(partition);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
        var key = KeptKey(partition);
        for (var failures = 1; failures <= 2; failures++)
        {
            // As a poller with another folder of keys keeps it. This one refuses it, and goes on with its own.
            for (var poll = 0; poll < 2; poll++)
            {
                await partition.Database.HashIncrementAsync(key, "version");
                await partition.Database.HashSetAsync(key, "token", "of another key");
                signIn.Tokens.Script(partition.User, _ => null);
                await PollAgainAsync(partition, host);
                Assert.Equal(failures, _log.Of(261).Count);
            }

            await partition.Database.KeyDeleteAsync(key);
            await PollAgainAsync(partition, host);
        }
    }

    // The token of the mail server is used up, so that the poll needs another one.
    private async Task PollAgainAsync(TestPartition partition, WebApplication host)
    {
        signIn.Tokens.Revoke(partition.User);
        Assert.Equal(PollEnd.Complete, (await host.PollAsync()).End);
    }

    private static RedisKey KeptKey(TestPartition partition) =>
        partition.AllKeys().Single(key => key.ToString().Contains("refresh_token", StringComparison.Ordinal));

    private static async Task<string> DumpAsync(IDatabase database, RedisKey key) => await database.KeyTypeAsync(key) switch
    {
        RedisType.Hash => string.Join(' ', await database.HashGetAllAsync(key)),
        RedisType.Set => string.Join(' ', await database.SetMembersAsync(key)),
        RedisType.List => string.Join(' ', await database.ListRangeAsync(key)),
        RedisType.Stream => string.Join(' ', (await database.StreamRangeAsync(key)).SelectMany(entry => entry.Values)),
        _ => (await database.StringGetAsync(key)).ToString(),
    };

    private async Task<TestPartition> PrepareAsync()
    {
        var partition = new TestPartition(servers);
        await signIn.AddUserAsync(partition, "Other");
        signIn.Tokens.Script(partition.User, Rotate(partition));
        return partition;
    }

    // Each token works once.
    private Func<TokenCall, TokenReply> Rotate(TestPartition partition) => call =>
    {
        lock (_gate)
        {
            if (call.Of("refresh_token") != _valid)
                return TokenReply.Error("invalid_grant");
            _valid = $"rotated-{++_issued}";
            return signIn.Tokens.Success(partition.User, refreshToken: _valid);
        }
    };

    private Task<WebApplication> StartAsync(
        TestPartition partition, Action<LocalSettings>? change = null, string refreshToken = "configured-refresh-token") =>
        partition.StartPollerAsync(
            settings =>
            {
                signIn.SignIn(settings, partition, refreshToken: refreshToken);
                settings["Polling:KeyFolder"] = _keys;
                change?.Invoke(settings);
            },
            services => services.AddSingleton<ILoggerProvider>(_log));
}
