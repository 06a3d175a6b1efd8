using EmailIngestion.Messages;
using EmailIngestion.Messages.Bytes;
using MimeKit;

namespace EmailIngestion.Core.Tests.Support;

/// <summary>Parses messages of tests.</summary>
internal static class MimeMails
{
    /// <summary>Parses a message under the default limits.</summary>
    public static MimeMessage Parse(ReadOnlyMemory<byte> raw, CancellationToken cancellationToken)
    {
        var structure = MessageScan.Run(raw, MessageLimits.Default, cancellationToken);
        return MimeLoader.Parse(new MemorySource(raw), structure, MessageLimits.Default, ranges: null, cancellationToken);
    }
}
