namespace EmailIngestion.Faults.FollowUps;

/// <summary>An email that the mail server has.</summary>
/// <param name="Uid">Its UID in its folder.</param>
/// <param name="Number">Its number in the run.</param>
/// <param name="Place">Its folder and flags.</param>
internal sealed record StoredEmail(uint Uid, int Number, EmailPlace Place);
