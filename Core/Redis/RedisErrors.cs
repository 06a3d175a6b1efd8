using System.Text.RegularExpressions;
using EmailIngestion.Messages;
using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>The one place that knows Redis's errors by their codes.</summary>
internal static partial class RedisErrors
{
    private static readonly string[] Passing =
    [
        "READONLY", "LOADING", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "UNBLOCKED", "BUSY ", "MISCONF", "NOREPLICAS", "NOSCRIPT",
        // Beyond what the client follows by itself, while slots or primaries move.
        "MOVED", "ASK ", "ERR max number of clients",
    ];

    public static RedisFailure KindOf(Exception error) => error switch
    {
        RedisServerException => KindOf(error.Message),
        RedisConnectionException or RedisTimeoutException => RedisFailure.Passing,
        TimeoutException when IsClients(error) => RedisFailure.Passing,
        ObjectDisposedException when IsReplaced(error) => RedisFailure.Passing,
        RedisException => KindOf(error.Message),
        _ => RedisFailure.NotRedis,
    };

    /// <summary>Whether Redis is away for a while. OOM and NOGROUP do not pass by waiting a little, and a refusal never does.</summary>
    public static bool IsPassing(Exception error) => KindOf(error) == RedisFailure.Passing;

    /// <summary>Whether it is Redis's, of whichever kind.</summary>
    public static bool IsRedis(Exception error) => KindOf(error) != RedisFailure.NotRedis;

    /// <summary>A command that waited on connections which we replaced: the next goes over the new ones, and nothing was away.</summary>
    public static bool IsReplaced(Exception error) =>
        error is RedisConnectionException { FailureType: ConnectionFailureType.ConnectionDisposed }
        || (error is ObjectDisposedException disposed && (IsClients(error) || IsConnection(disposed.ObjectName)));

    // Thrown by the client library, and not by code of ours that uses the same type.
    private static bool IsClients(Exception error) => error.Source == "StackExchange.Redis";

    // The client library names a closed connection by its client name, by its type or by this sentence. It does not always throw the
    // exception itself, so the exception's source is not enough.
    private static bool IsConnection(string name) =>
        name.StartsWith(RedisConnectionSet.ClientNamePrefix, StringComparison.Ordinal)
        || name.StartsWith("Connection is being disposed", StringComparison.Ordinal)
        || name.Contains(nameof(ConnectionMultiplexer), StringComparison.Ordinal);

    /// <summary>A refusal in one line: Redis's own words without those of the script's place.</summary>
    public static string Text(Exception error)
    {
        // Of others the client adds pages of diagnostics.
        var text = ScriptPlace().Replace(error is RedisServerException or RedisRefusedException ? error.Message : BriefError.Of(error), "");
        return BoundedText.Line(text).TrimEnd('.', ' ');
    }

    private static RedisFailure KindOf(string error) =>
        Passing.Any(code => error.StartsWith(code, StringComparison.Ordinal)) ? RedisFailure.Passing
        : error.StartsWith("OOM", StringComparison.Ordinal) ? RedisFailure.Full
        : IsMissing(error) ? RedisFailure.GroupMissing
        : RedisFailure.Refused;

    private static bool IsMissing(string error) =>
        error.StartsWith("NOGROUP", StringComparison.Ordinal) || error.Contains("no such key", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@" script: [0-9a-f]{40}.*$|@user_script: ?\d+: ?", RegexOptions.Singleline)]
    private static partial Regex ScriptPlace();
}
