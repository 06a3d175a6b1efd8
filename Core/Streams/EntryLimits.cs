namespace EmailIngestion.Streams;

/// <summary>How large an email Redis takes.</summary>
/// <param name="Argument">
/// Bytes that it reads of one argument; beyond it Redis hangs up. <see cref="long.MaxValue"/> where it does not tell.
/// </param>
/// <param name="Setting">The setting of Redis that is the reason.</param>
/// <param name="Memory">
/// Bytes that polling may fill; a larger email never fits. <see cref="long.MaxValue"/> without <c>maxmemory</c> and
/// <c>Streams:MaxMemoryBytes</c>.
/// </param>
internal readonly record struct EntryLimits(long Argument, string Setting, long Memory);
