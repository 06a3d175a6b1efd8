using EmailIngestion.Messages;
using Xunit;

namespace EmailIngestion.Core.Tests.Messages;

public sealed class ParseWatchTests
{
    private readonly ParseWatch _watch = new();

    [Fact]
    public void An_email_that_is_watched_equals_the_same_one_unwatched()
    {
        var message = Mail.Of("Subject: x\r\n\r\n");
        var other = message with { };
        other.Watch = _watch;
        Assert.Equal(message, other);
        Assert.Equal(message.GetHashCode(), other.GetHashCode());
        Assert.Same(_watch, other.Watch);
        Assert.Null(message.Watch);
    }

    [Fact]
    public void Parsing_is_seen_while_it_lasts()
    {
        Assert.False(_watch.IsParsing);
        Assert.True(_watch.Run(() => _watch.Run(() => _watch.IsParsing) && _watch.IsParsing));
        Assert.False(_watch.IsParsing);
    }

    [Fact]
    public void The_parsers_error_is_recognised_also_when_wrapped()
    {
        var error = new IOException("in the parser");
        Assert.Same(error, Assert.Throws<IOException>(() => _watch.Run<int>(() => throw error)));
        Assert.False(_watch.IsParsing);
        Assert.True(_watch.Caused(error));
        Assert.True(_watch.Caused(new InvalidOperationException("of a processor", error)));
        Assert.False(_watch.Caused(new IOException("in the parser")));
    }

    [Fact]
    public void A_cancellation_is_not_the_emails_failure()
    {
        var error = new OperationCanceledException();
        Assert.Throws<OperationCanceledException>(() => _watch.Run<int>(() => throw error));
        Assert.False(_watch.Caused(error));
    }

    [Fact]
    public void Both_ways_to_parse_an_email_are_watched()
    {
        var message = Mail.Of("Subject: x\r\n\r\nText") with { Watch = _watch };
        Assert.Equal("x", message.Mime.Subject);
        Assert.Equal("x", message.Parsed.Subject);
        Assert.False(_watch.IsParsing);
    }
}
