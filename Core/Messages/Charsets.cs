using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace EmailIngestion.Messages;

/// <summary>
/// Registers the charsets of mail beyond Unicode and Latin-1. MimeKit reads the list of charsets once, at its first use, so they are
/// registered when this assembly is loaded.
/// </summary>
internal static class Charsets
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "MimeKit may be used right after this assembly is loaded.")]
    public static void Register() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
}
