using System.Security.Authentication;
using System.Security.Cryptography;
using EmailIngestion.Messages;
using StackExchange.Redis;

namespace EmailIngestion.Redis;

/// <summary>What a log line says of a Redis error: its point, without the pages of diagnostics that the client adds.</summary>
internal static class BriefError
{
    /// <summary>The refusal of a server that does not let us in as who we say we are.</summary>
    public const string WrongPassword = "Redis does not accept the user or password of Streams:ConnectionString (or REDIS_PASSWORD).";

    private const int MaxLength = 200;

    private static readonly string[] Diagnostics = [" - Last Connection Exception", ", last:", ", command=", ", next:", ", origin:"];

    public static string Of(Exception error)
    {
        var text = (Refusal(error) ?? error.Message).ReplaceLineEndings(" ");
        foreach (var mark in Diagnostics)
        {
            if (text.IndexOf(mark, StringComparison.Ordinal) is > 0 and var at)
                text = text[..at];
        }

        return BoundedText.Cut(text, MaxLength);
    }

    /// <summary>Why a server and we do not accept each other; null: it is another error.</summary>
    public static string? Refusal(Exception? error) => error switch
    {
        null => null,
        AuthenticationException refused => Refusal(refused.InnerException) ?? refused.Message,
        // What OpenSSL was told by the server, as "error:0A00045C:SSL routines::tlsv13 alert certificate required".
        CryptographicException told when told.Message.Contains(" alert ", StringComparison.Ordinal) =>
            $"Redis ends the TLS handshake: {told.Message[(told.Message.LastIndexOf(':') + 1)..]}. It may ask for a Streams:ClientCertificate, or not accept it.",
        AggregateException many => many.InnerExceptions.Select(Refusal).FirstOrDefault(refused => refused is not null),
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure, InnerException: { } reason }
            when reason.Message.Contains("NOAUTH", StringComparison.Ordinal) => WrongPassword,
        _ => Refusal(error.InnerException),
    };
}
