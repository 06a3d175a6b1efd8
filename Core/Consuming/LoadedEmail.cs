using EmailIngestion.Bodies;
using EmailIngestion.Messages;

namespace EmailIngestion.Consuming;

/// <summary>An email with its message, or the outcome of a delivery that cannot run. Dispose it when the run has ended.</summary>
internal sealed record LoadedEmail(EmailMessage? Message, Outcome? Outcome) : IDisposable
{
    /// <summary>The local file of the message; null when it is in memory.</summary>
    public SpooledBody? Spooled { get; init; }

    public void Dispose() => Spooled?.Dispose();
}
