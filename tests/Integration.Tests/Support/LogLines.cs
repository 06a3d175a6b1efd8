using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>Collects the log lines of a host, with their event IDs.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(int Event, LogLevel Level, string Text, Exception? Exception)> _lines = new();

    /// <summary>Every line with its exception.</summary>
    public IReadOnlyList<(int Event, LogLevel Level, string Text, Exception? Exception)> All => [.. _lines];

    public IReadOnlyList<string> Of(int eventId) => [.. _lines.Where(line => line.Event == eventId).Select(line => line.Text)];

    public IReadOnlyList<string> At(LogLevel level) => [.. _lines.Where(line => line.Level == level).Select(line => line.Text)];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((eventId.Id, logLevel, formatter(state, exception), exception));

    public void Dispose()
    {
        // There is nothing to dispose.
    }
}
