using Microsoft.Extensions.Options;

namespace EmailIngestion.Streams;

/// <summary>What one partition offers, put together once.</summary>
internal sealed class StreamPartition(string name, RedisConnection connection, IOptions<StreamOptions> options, TimeProvider time)
{
    public StreamKeys Keys { get; } = new(name);

    public string Name => name;

    public EmailStream Stream => field ??= new EmailStream(Keys, connection, options, time);

    public DeadLetterStream DeadLetters => field ??= new DeadLetterStream(Keys, connection, options, time);

    public StreamInspector Inspector => field ??= new StreamInspector(Keys, connection, time);

    public ConsumerGroup Join(string consumer, TimeSpan lease) => new(Keys, connection, options, time, consumer, lease);
}
