using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EmailIngestion.Streams.Jobs;

namespace EmailIngestion.Operations.Jobs;

/// <summary>Reads what a job was created with.</summary>
internal static class JobRequest
{
    /// <summary>Reads it.</summary>
    /// <exception cref="JobFailedException">It cannot be read.</exception>
    public static T Read<T>(Job job, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(job.Filter, type) ?? throw new JobFailedException("The job asks for nothing.");
        }
        catch (JsonException e)
        {
            throw new JobFailedException($"What the job asks for cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads it. Null: it cannot be read, so the job fails when it runs.</summary>
    public static T? Find<T>(Job job, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return Read(job, type);
        }
        catch (JobFailedException)
        {
            return null;
        }
    }
}
