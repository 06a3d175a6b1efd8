using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using EmailIngestion.Messages;
using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>Shortens a Redis error to one line for the log, without the diagnostics that the client library adds.</summary>
internal static partial class BriefError
{
    /// <summary>The message for a server that rejects the user or the password.</summary>
    public const string WrongPassword = "Redis does not accept the user or password of Streams:ConnectionString (or REDIS_PASSWORD).";

    private const int MaxLength = 200;

    private static readonly string[] Diagnostics = [" - Last Connection Exception", ", last:", ", command=", ", next:", ", origin:"];

    /// <summary>The error in one line of at most 200 characters; 500 for a sign-in.</summary>
    public static string Of(Exception error)
    {
        // It is composed of bounded parts, and says at its end what to do.
        if (error is RedisSignInException)
            return BoundedText.Line(error.Message);
        var text = (Refusal(error) ?? Moving(error) ?? error.Message).ReplaceLineEndings(" ");
        foreach (var start in Diagnostics)
        {
            if (text.IndexOf(start, StringComparison.Ordinal) is > 0 and var at)
                text = text[..at];
        }

        return BoundedText.Cut(text, MaxLength);
    }

    // While the keys of a slot move to another node of a Cluster, which may take long. The client library blames a timeout for an ASK that
    // it may not follow.
    private static string? Moving(Exception error)
    {
        if (error.Message.StartsWith("TRYAGAIN", StringComparison.Ordinal))
            return "The Redis Cluster is moving the slot of these keys to another node (TRYAGAIN).";
        return NotReached().Match(error.Message) is { Success: true, Groups: var found }
            ? $"The Redis Cluster is moving slot {found["slot"]} to {found["node"]}, or that node cannot be reached."
            : null;
    }

    /// <summary>Why the server and this process reject each other. Null: it is another error.</summary>
    public static string? Refusal(Exception? error) => error switch
    {
        null => null,
        AuthenticationException refused => Refusal(refused.InnerException) ?? refused.Message,
        // OpenSSL reports the server's alert, as in "error:0A00045C:SSL routines::tlsv13 alert certificate required".
        CryptographicException alert when alert.Message.Contains(" alert ", StringComparison.Ordinal) =>
            $"Redis ends the TLS handshake: {alert.Message[(alert.Message.LastIndexOf(':') + 1)..]}. "
            + "It may require a Streams:ClientCertificate, or reject the one that is set.",
        AggregateException many => many.InnerExceptions.Select(Refusal).FirstOrDefault(refused => refused is not null),
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure, InnerException: { } reason }
            when reason.Message.Contains("NOAUTH", StringComparison.Ordinal) => WrongPassword,
        _ => Refusal(error.InnerException),
    };

    [GeneratedRegex(@"\AEndpoint (?<node>\S+) serving hashslot (?<slot>\d+) is not reachable", RegexOptions.ExplicitCapture)]
    private static partial Regex NotReached();
}
