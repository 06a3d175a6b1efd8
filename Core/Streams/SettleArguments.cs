using EmailIngestion.Bodies;
using StackExchange.Redis;

namespace EmailIngestion.Streams;

/// <summary>The keys and arguments of settle.lua for some deliveries.</summary>
internal sealed class SettleArguments
{
    // The arguments before those of the deliveries.
    private const int Fixed = 7;

    private readonly IReadOnlyList<Delivery> _deliveries;
    private readonly RedisKey[] _first;
    private readonly List<RedisValue> _numbers = [];
    private readonly List<RedisValue> _bodies = [];
    private readonly List<RedisValue> _notes = [];

    // A script names its keys, so that a Cluster refuses it before its first write while one of them moves to another node.
    private List<RedisKey>? _more;

    /// <param name="keys">The partition's keys.</param>
    /// <param name="first">The keys that every call has.</param>
    /// <param name="deliveries">The completed deliveries.</param>
    public SettleArguments(StreamKeys keys, RedisKey[] first, IReadOnlyList<Delivery> deliveries)
    {
        (_first, _deliveries) = (first, deliveries);
        for (var i = 0; i < deliveries.Count; i++)
        {
            var delivery = deliveries[i];
            if (delivery.DeliveryCount != 1)
                _numbers.AddRange([i + 1, delivery.DeliveryCount]);
            if (delivery.Body is { } body)
            {
                _bodies.AddRange([i + 1, body.StoreText, body.Name]);
                _ = Place(body.Store == BodyStoreKind.Redis ? keys.Bodies.Body(body.Name) : keys.Bodies.Released);
            }

            if (delivery.Note(NoteOutcome.Completed) is { } note)
            {
                var mailbox = delivery.Message!.Mailbox;
                _notes.AddRange(
                    [i + 1, Place(keys.Notes(mailbox)), Place(keys.NotesUnmade), mailbox, note]);
            }
        }
    }

    public RedisKey[] Keys => _more is null ? _first : [.. _first, .. _more];

    public RedisValue[] Arguments(string consumer, long life)
    {
        var count = _deliveries.Count;
        var arguments = new RedisValue[Fixed + (2 * count) + _numbers.Count + _bodies.Count + _notes.Count];
        arguments[0] = StreamKeys.Group;
        arguments[1] = consumer;
        arguments[2] = life;
        arguments[3] = MailboxNotes.Most;
        arguments[4] = count;
        arguments[5] = _numbers.Count / 2;
        arguments[6] = _bodies.Count / 3;
        for (var i = 0; i < count; i++)
        {
            arguments[Fixed + i] = _deliveries[i].EntryId;
            arguments[Fixed + count + i] = _deliveries[i].Message?.Id.ToByteArray() ?? [];
        }

        var rest = Fixed + (2 * count);
        _numbers.CopyTo(arguments, rest);
        _bodies.CopyTo(arguments, rest + _numbers.Count);
        _notes.CopyTo(arguments, rest + _numbers.Count + _bodies.Count);
        return arguments;
    }

    // The place of a key among the keys of the script, from 1.
    private int Place(RedisKey key)
    {
        _more ??= [];
        var place = _more.IndexOf(key);
        if (place < 0)
        {
            place = _more.Count;
            _more.Add(key);
        }

        return _first.Length + place + 1;
    }
}
