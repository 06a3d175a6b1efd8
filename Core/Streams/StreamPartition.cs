using EmailIngestion.Redis;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Streams;

/// <summary>One partition: its dead letters and what there is to see of it.</summary>
public sealed class StreamPartition
{
    private readonly RedisConnection _connection;
    private readonly IOptions<StreamOptions> _options;
    private readonly TimeProvider _time;

    internal StreamPartition(string name, RedisConnection connection, IOptions<StreamOptions> options, TimeProvider time)
    {
        Name = name;
        Keys = new StreamKeys(name);
        _connection = connection;
        _options = options;
        _time = time;
    }

    /// <summary>The partition's name; empty for the unnamed one.</summary>
    public string Name { get; }

    /// <summary>Its dead letters.</summary>
    public DeadLetterStream DeadLetters => field ??= new DeadLetterStream(Keys, _connection, _options, _time);

    /// <summary>Reads its state.</summary>
    public StreamInspector Inspector => field ??= new StreamInspector(Keys, _connection, _time);

    internal StreamKeys Keys { get; }

    internal EmailStream Stream => field ??= new EmailStream(Keys, _connection, _options, _time);

    /// <param name="name">The consumer's chosen name.</param>
    /// <param name="lease">How long a delivery is its own without a renewal.</param>
    /// <param name="process">The nonce of its process; null when the name has one in it.</param>
    /// <param name="budget">The bytes that its process may have in work; null for the default, for this consumer alone.</param>
    internal ConsumerGroup Join(string name, TimeSpan lease, string? process = null, ByteBudget? budget = null) =>
        new(Keys, _connection, _options, _time, name, process, lease, budget ?? new ByteBudget(ByteBudget.DefaultLimit));
}
