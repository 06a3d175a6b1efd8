namespace EmailIngestion.Redis;

/// <summary>Redis refuses a command on a key, and no retry helps. The message names both.</summary>
internal sealed class RedisRefusedException(string command, string key, Exception refusal)
    : Exception($"Redis refuses {command} on {key}: {RedisErrors.Text(refusal)}.{Advice(refusal)}", refusal)
{
    private static string Advice(Exception refusal) =>
        refusal.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal) ? " Delete or rename that key."
        : refusal.Message.StartsWith("NOPERM", StringComparison.Ordinal) ? " Allow it by ACL SETUSER."
        : "";
}
