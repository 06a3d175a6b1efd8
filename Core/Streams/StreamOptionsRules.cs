using Microsoft.Extensions.Options;

namespace EmailIngestion.Streams;

internal sealed class StreamOptionsRules : IValidateOptions<StreamOptions>
{
    public ValidateOptionsResult Validate(string? name, StreamOptions options)
    {
        foreach (var partition in options.Partitions)
        {
            if (!StreamKeys.IsPartitionName(partition))
                return ValidateOptionsResult.Fail(
                    $"Streams:Partitions has '{partition}': a partition's name is 1 to 64 letters, digits, '-', '_' or '.'.");
        }

        if (options.Partitions.Distinct(StringComparer.Ordinal).Count() != options.Partitions.Count)
            return ValidateOptionsResult.Fail($"Streams:Partitions names a partition twice: {string.Join(", ", options.Partitions)}.");

        try
        {
            // One that is missing is told of by its attribute.
            if (options.ConnectionString.Length > 0 && options.Configuration().EndPoints.Count == 0)
                return ValidateOptionsResult.Fail("Streams:ConnectionString names no server: it begins with host:port.");
        }
        catch (ArgumentException e)
        {
            // The parser's message quotes only the option it does not know, never the password.
            return ValidateOptionsResult.Fail($"Streams:ConnectionString cannot be read: {e.Message}");
        }

        return ValidateOptionsResult.Success;
    }
}
