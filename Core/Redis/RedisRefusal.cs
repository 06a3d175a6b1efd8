using Microsoft.Extensions.Logging;

namespace EmailIngestion.Redis;

/// <summary>
/// Keeps the reason why a server and this process reject each other. The client library logs the reason, but its exceptions contain it only
/// sometimes: others are a timeout.
/// </summary>
internal sealed class RedisRefusal : ILoggerFactory, ILogger
{
    private volatile string? _text;

    /// <summary>The last reason. Null: there is none, or a connection was made since.</summary>
    public string? Text => _text;

    public void Forget() => _text = null;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
        // It writes no log.
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (BriefError.Refusal(exception) is { } reason)
            _text = reason;
    }

    public void Dispose()
    {
        // It owns nothing.
    }
}
