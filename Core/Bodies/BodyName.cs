using System.Security.Cryptography;
using System.Text.RegularExpressions;
using EmailIngestion.Messages;

namespace EmailIngestion.Bodies;

/// <summary>
/// The names of bodies: <c>&lt;email id&gt;-&lt;SHA-256&gt;</c>, both in lower-case hexadecimal digits, so that a repeated write has the
/// same name. Outside Redis <c>&lt;scope&gt;/</c> precedes it (<see cref="BodyScope"/>). A name is safe as a file's, a blob's and a key's.
/// </summary>
internal static partial class BodyName
{
    /// <summary>The length of a scope: hexadecimal digits.</summary>
    public const int ScopeLength = 16;

    /// <summary>The length of a name without its scope.</summary>
    public const int LocalLength = (2 * EmailId.ByteLength) + 1 + DigestLength;

    /// <summary>The length of a digest: hexadecimal digits.</summary>
    public const int DigestLength = 64;

    /// <summary>The name of a body.</summary>
    /// <param name="scope">The scope; empty in Redis.</param>
    /// <param name="id">The email's identity.</param>
    /// <param name="sha256">The body's SHA-256, in lower-case hexadecimal digits.</param>
    public static string Of(string scope, EmailId id, string sha256) => scope.Length == 0 ? $"{id}-{sha256}" : $"{scope}/{id}-{sha256}";

    /// <summary>The SHA-256 of a body, in lower-case hexadecimal digits.</summary>
    public static string Digest(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public static bool IsValid(string name) => Form().IsMatch(name);

    /// <summary>The name without its scope.</summary>
    public static string Local(string name) => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>The scope of a name; empty when it has none.</summary>
    public static string Scope(string name) => name.Length > LocalLength ? name[..ScopeLength] : "";

    [GeneratedRegex(@"\A([0-9a-f]{16}/)?[0-9a-f]{32}-[0-9a-f]{64}\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
