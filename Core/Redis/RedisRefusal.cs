using Microsoft.Extensions.Logging;

namespace EmailIngestion.Redis;

/// <summary>
/// Why a server and we do not accept each other, as the client library tells its log: an error that it throws has the reason in it only
/// sometimes, and is a time-out else.
/// </summary>
internal sealed class RedisRefusal : ILoggerFactory, ILogger
{
    private volatile string? _text;

    /// <summary>The last reason; null: there is none, or a connection was made since.</summary>
    public string? Text => _text;

    public void Forget() => _text = null;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
        // It is nobody's log.
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (BriefError.Refusal(exception) is { } reason)
            _text = reason;
    }

    public void Dispose()
    {
        // It holds nothing.
    }
}
