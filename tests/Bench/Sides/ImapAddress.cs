using System.Globalization;

namespace EmailIngestion.Bench.Sides;

/// <summary>A mailbox of Dovecot.</summary>
/// <param name="Port">The port on 127.0.0.1.</param>
/// <param name="User">The login name.</param>
/// <param name="Authority">The PEM file of the certificate authority; empty: the port is without TLS.</param>
internal sealed record ImapAddress(int Port, string User, string Authority)
{
    /// <summary>The arguments of a side, ours or a script, which <see cref="Of"/> reads.</summary>
    public object[] Arguments => [Port, User, Authority];

    public bool IsTls => Authority.Length > 0;

    public static ImapAddress Of(ReadOnlySpan<string> arguments) =>
        new(int.Parse(arguments[0], CultureInfo.InvariantCulture), arguments[1], arguments[2]);
}
