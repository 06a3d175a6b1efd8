namespace EmailIngestion.Mailboxes;

/// <summary>The store does not take a body. <see cref="BodyCopy.Failure"/> says why.</summary>
internal sealed class BodyRefusedException() : Exception("The store of bodies does not take a body.");
