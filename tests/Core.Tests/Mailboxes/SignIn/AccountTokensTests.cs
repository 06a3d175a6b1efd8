using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.SignIn;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace EmailIngestion.Core.Tests.Mailboxes.SignIn;

public sealed class AccountTokensTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Source _source;
    private readonly AccountTokens _tokens;

    public AccountTokensTests()
    {
        _source = new Source(_time);
        _tokens = new AccountTokens(_source, TimeSpan.FromMinutes(1), _time);
    }

    [Theory]
    [InlineData(3600, 3300)]
    [InlineData(600, 300)]
    [InlineData(60, 30)]
    public async Task A_token_is_renewed_five_minutes_or_half_its_life_before_its_end(int life, int usedFor)
    {
        _source.Life = TimeSpan.FromSeconds(life);
        var first = await GetAsync();
        _time.Advance(TimeSpan.FromSeconds(usedFor - 1));
        Assert.Equal(first, await GetAsync());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first, await GetAsync());
        Assert.Equal(2, _source.Requests);
    }

    [Fact]
    public async Task Callers_at_the_same_time_share_one_request()
    {
        _source.Pending = new TaskCompletionSource();
        using var impatient = new CancellationTokenSource();
        var gone = _tokens.GetAsync(impatient.Token);
        var callers = Enumerable.Range(0, 20).Select(_ => GetAsync()).ToArray();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);

        _source.Pending.SetResult();

        Assert.Single((await Task.WhenAll(callers)).Distinct());
        Assert.Equal(1, _source.Requests);
    }

    [Fact]
    public async Task A_request_without_an_answer_ends_after_the_timeout()
    {
        _source.Pending = new TaskCompletionSource();
        var caller = GetAsync();
        await _source.Started.Task;
        _time.Advance(TimeSpan.FromMinutes(1));
        var error = await Assert.ThrowsAsync<SignInException>(() => caller);
        Assert.Equal(SignInFailure.Unavailable, error.Failure);
    }

    [Fact]
    public async Task A_refusal_is_remembered_for_an_hour_or_until_it_is_resumed()
    {
        _source.Error = new SignInException(SignInFailure.Refused, "no");
        for (var i = 0; i < 3; i++)
            Assert.Same(_source.Error, await Assert.ThrowsAsync<SignInException>(GetAsync));
        Assert.Equal(1, _source.Requests);
        _time.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<SignInException>(GetAsync);
        Assert.Equal(2, _source.Requests);

        _source.Error = null;
        _tokens.Resume();
        await GetAsync();
    }

    [Fact]
    public async Task A_pause_holds_for_every_mailbox_of_the_account()
    {
        _source.Error = new MailboxThrottledException("wait", TimeSpan.FromSeconds(100));
        await Assert.ThrowsAsync<MailboxThrottledException>(GetAsync);
        _time.Advance(TimeSpan.FromSeconds(40));
        var error = await Assert.ThrowsAsync<MailboxThrottledException>(GetAsync);
        Assert.Equal((TimeSpan.FromSeconds(60), 1), (error.BackOff, _source.Requests));

        _source.Error = null;
        _time.Advance(TimeSpan.FromSeconds(60));
        await GetAsync();
    }

    [Fact]
    public async Task A_refused_token_is_replaced_once()
    {
        var first = await GetAsync();
        Assert.True(_tokens.Refuse(first));
        var second = await GetAsync();
        Assert.NotEqual(first, second);
        Assert.False(_tokens.Refuse(second));
        Assert.Equal(second, await GetAsync());
        // Another mailbox still has the first one.
        Assert.True(_tokens.Refuse(first));
        Assert.Equal(2, _source.Requests);

        // After some minutes it may be another reason.
        _time.Advance(TimeSpan.FromMinutes(6));
        Assert.True(_tokens.Refuse(second));
    }

    [Fact]
    public async Task A_refused_token_is_used_until_there_is_another_one()
    {
        var first = await GetAsync();
        _tokens.Accept(first);
        Assert.True(_tokens.Refuse(first));

        _source.Error = new SignInException(SignInFailure.Unavailable, "away");
        Assert.Equal(first, await GetAsync());
        _source.Error = new MailboxThrottledException("wait", TimeSpan.FromSeconds(100));
        Assert.Equal(first, await GetAsync());
        Assert.Equal(first, await GetAsync());
        Assert.Equal(3, _source.Requests);

        _source.Error = null;
        _time.Advance(TimeSpan.FromSeconds(100));
        Assert.NotEqual(first, await GetAsync());
    }

    [Fact]
    public async Task A_replaced_token_that_was_accepted_is_replaced_again()
    {
        Assert.True(_tokens.Refuse(await GetAsync()));
        var second = await GetAsync();
        _tokens.Accept(second);
        Assert.True(_tokens.Refuse(second));
    }

    private Task<AccessToken> GetAsync() => _tokens.GetAsync(TestContext.Current.CancellationToken);

    private sealed class Source(TimeProvider time) : IAccessTokenSource
    {
        public TimeSpan Life { get; set; } = TimeSpan.FromHours(1);

        public int Requests { get; private set; }

        public Exception? Error { get; set; }

        public TaskCompletionSource? Pending { get; set; }

        public TaskCompletionSource Started { get; } = new();

        public async Task<AccessToken> RequestAsync(CancellationToken cancellationToken)
        {
            Requests++;
            Started.TrySetResult();
            if (Pending is { } pending)
                await pending.Task.WaitAsync(cancellationToken);
            return Error is null ? new AccessToken($"token-{Requests}", time.GetUtcNow() + Life) : throw Error;
        }
    }
}
