namespace EmailIngestion.Mailboxes.FollowUps;

/// <summary>What the server has confirmed.</summary>
/// <param name="Gone">The emails that left the folder.</param>
/// <param name="IsLeftDeleted">Whether emails stay in the folder with the flag <c>\Deleted</c>.</param>
internal sealed record CarriedOut(int Gone = 0, bool IsLeftDeleted = false);
