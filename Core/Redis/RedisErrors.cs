using System.Text.RegularExpressions;
using EmailIngestion.Messages;
using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>Classifies Redis errors by their codes. No other type knows the codes.</summary>
internal static partial class RedisErrors
{
    private static readonly string[] Passing =
    [
        "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "UNBLOCKED", "BUSY ", "MISCONF", "NOREPLICAS", "NOSCRIPT",
        // While slots or primaries move. The client library follows the first redirects itself. With NoRedirect it has its own sentence.
        "MOVED", "Key has MOVED ", "ASK ", "ERR Script attempted to access a non local key", "ERR max number of clients",
    ];

    public static RedisFailure KindOf(Exception error) => error switch
    {
        RedisServerException => KindOf(error.Message),
        RedisConnectionException or RedisTimeoutException => RedisFailure.Passing,
        TimeoutException when IsFromClient(error) => RedisFailure.Passing,
        ObjectDisposedException when IsReplaced(error) => RedisFailure.Passing,
        RedisSignInException => RedisFailure.Passing,
        RedisException => KindOf(error.Message),
        _ => RedisFailure.NotRedis,
    };

    /// <summary>Whether Redis is away for a while. OOM and NOGROUP do not pass within a short wait, and a refusal never passes.</summary>
    public static bool IsPassing(Exception error) => KindOf(error) == RedisFailure.Passing;

    /// <summary>Whether it is a Redis error of any kind.</summary>
    public static bool IsRedis(Exception error) => KindOf(error) != RedisFailure.NotRedis;

    /// <summary>
    /// Redis discarded a transaction because it had refused a command of it (full, a replica, a right). The error does not always say why.
    /// </summary>
    public static bool IsDiscarded(RedisServerException error) => error.Message.StartsWith("EXECABORT", StringComparison.Ordinal);

    /// <summary>The key's slot belongs to another server, which the client library has noted. The command has not run.</summary>
    public static bool IsMoved(RedisServerException error) => error.Kind == RedisErrorKind.Moved;

    /// <summary>Redis does not have the script that EVALSHA names: it was started again, or is another server.</summary>
    public static bool IsUnknownScript(RedisServerException error) => error.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal);

    /// <summary>
    /// A command failed because this process replaced its connection. The next one uses the new connections. It is no outage.
    /// </summary>
    public static bool IsReplaced(Exception error) =>
        error is RedisConnectionException { FailureType: ConnectionFailureType.ConnectionDisposed }
        || (error is ObjectDisposedException disposed && (IsFromClient(error) || IsConnection(disposed.ObjectName)));

    // Thrown by the client library, not by code of this product that uses the same exception type.
    private static bool IsFromClient(Exception error) => error.Source == "StackExchange.Redis";

    // The client library names a closed connection by its client name, by its type or by this sentence. It does not always throw the
    // exception itself, so the exception's source is not enough.
    private static bool IsConnection(string name) =>
        name.StartsWith(RedisConnectionSet.ClientNamePrefix, StringComparison.Ordinal)
        || name.StartsWith("Connection is being disposed", StringComparison.Ordinal)
        || name.Contains(nameof(ConnectionMultiplexer), StringComparison.Ordinal);

    /// <summary>A refusal in one line: Redis's message without the position in the script.</summary>
    public static string Text(Exception error)
    {
        // The client library adds diagnostics to other errors.
        var text = ScriptPlace().Replace(error is RedisServerException or RedisRefusedException or RedisSignInException
            ? error.Message : BriefError.Of(error), "");
        return BoundedText.Line(text).TrimEnd('.', ' ');
    }

    private static RedisFailure KindOf(string error) =>
        Passing.Any(code => error.StartsWith(code, StringComparison.Ordinal)) ? RedisFailure.Passing
        : error.StartsWith("OOM", StringComparison.Ordinal) ? RedisFailure.Full
        : IsMissing(error) ? RedisFailure.GroupMissing
        : RedisFailure.Refused;

    // XGROUP has a sentence of its own for a stream that does not exist.
    private static bool IsMissing(string error) =>
        error.StartsWith("NOGROUP", StringComparison.Ordinal)
        || error.Contains("no such key", StringComparison.OrdinalIgnoreCase)
        || error.Contains("requires the key to exist", StringComparison.Ordinal);

    [GeneratedRegex(@" script: [0-9a-f]{40}.*$|@user_script: ?\d+: ?", RegexOptions.Singleline)]
    private static partial Regex ScriptPlace();
}
