namespace EmailIngestion.Local.Commands.Operating;

/// <summary>An answer that was copied.</summary>
/// <param name="Bytes">How many bytes it has.</param>
/// <param name="End">Its last bytes, at most <see cref="OperatingClient.EndBytes"/>.</param>
internal sealed record Download(long Bytes, byte[] End);
