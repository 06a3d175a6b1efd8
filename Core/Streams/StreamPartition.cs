using EmailIngestion.Redis;
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

    /// <param name="name">The consumer's chosen name.</param>
    /// <param name="lease">How long a delivery is its own without a renewal.</param>
    /// <param name="process">The nonce of its process; null when the name has one in it.</param>
    /// <param name="budget">The bytes that its process may have in work; null for the default, for this consumer alone.</param>
    public ConsumerGroup Join(string name, TimeSpan lease, string? process = null, ByteBudget? budget = null) =>
        new(Keys, connection, options, time, name, process, lease, budget ?? new ByteBudget(ByteBudget.DefaultLimit));
}
