using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace EmailIngestion.Messages;

/// <summary>
/// The charsets of the world's mail beyond Unicode and Latin-1. MimeKit looks once, when it is first used, at which there are; so they are
/// registered as soon as this assembly is.
/// </summary>
internal static class Charsets
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "Whoever uses this assembly first may well be about to use MimeKit.")]
    public static void Register() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
}
