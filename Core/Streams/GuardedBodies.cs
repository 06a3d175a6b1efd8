using EmailIngestion.Bodies;

namespace EmailIngestion.Streams;

/// <summary>
/// Reads and writes the bodies of one partition's large emails. A store that fails or hangs has a circuit of its own: while it is open,
/// calls fail at once, so that large mail waits and takes no slot from small mail.
/// </summary>
internal sealed class GuardedBodies
{
    private readonly BodyStores _stores;
    private readonly Dictionary<BodyStoreKind, BodyCircuit> _circuits;

    public GuardedBodies(BodyStores stores, TimeProvider time)
    {
        _stores = stores;
        _circuits = Enum.GetValues<BodyStoreKind>().ToDictionary(kind => kind, kind => new BodyCircuit(kind, time));
    }

    /// <summary>The stores without their circuits.</summary>
    public BodyStores Stores => _stores;

    /// <summary>The largest message, in bytes, whose body need not be written before its step.</summary>
    public int LargestWithoutWrite => _stores.Current.Kind == BodyStoreKind.Redis ? int.MaxValue : _stores.InlineLimit;

    /// <summary>
    /// Writes the bodies of the emails in a step whose messages are too large for their entries, and adds the references to the step. The
    /// Redis store leaves the writing to the append.
    /// </summary>
    /// <returns>Why the store did not take a body; null when it did.</returns>
    public async Task<string?> TryWriteAsync(List<AppendItem> step, CancellationToken cancellationToken)
    {
        for (var i = 0; i < step.Count; i++)
        {
            var message = step[i].Message;
            if (step[i] is { Failure: null, Body: null } && message.Raw.Length > _stores.InlineLimit)
            {
                try
                {
                    step[i] = step[i] with { Body = await WriteAsync(step[i], cancellationToken) };
                }
                catch (BodyStoreException e)
                {
                    return e.Message;
                }
            }
        }

        return null;
    }

    /// <summary>
    /// Begins the write of a body in pieces. In Redis it has no circuit: what Redis refuses to take must not keep others from reading.
    /// </summary>
    public BodyUpload BeginUpload() =>
        new(_stores.Current, _stores.Current.Kind == BodyStoreKind.Redis ? null : _circuits[_stores.Current.Kind]);

    /// <summary>
    /// Writes the bodies outside Redis again that were deleted while their entries were appended: after a failover, a former entry of the
    /// same email may have been settled.
    /// </summary>
    public async Task ConfirmAsync(IReadOnlyList<AppendItem> step, CancellationToken cancellationToken)
    {
        foreach (var item in step)
        {
            var (message, body) = (item.Message, item.Body);
            if (body is null or { Store: BodyStoreKind.Redis })
                continue;
            try
            {
                await RunAsync(
                    body.Store,
                    async token =>
                    {
                        if (await _stores.Of(body).FindAsync(body.Name, token) is not null)
                            return body;
                        if (item.Streamed is null)
                            return await _stores.WriteAsync(message.Id, message.Raw, item.Sha256, token);
                        item.Streamed.IsLost = true;
                        return body;
                    },
                    cancellationToken);
            }
            catch (BodyStoreException)
            {
                // The entry is there. If its body is not, the consumer reports it.
            }
        }
    }

    /// <summary>Reads a whole body and verifies it.</summary>
    /// <exception cref="BodyStoreException">The store is away, or does not have the body, or has another one.</exception>
    public Task<byte[]> ReadAsync(BodyReference body, CancellationToken cancellationToken) => _circuits[body.Store].RunAsync(
        async token =>
        {
            await using var stream = await _stores.OpenAsync(body, token);
            return await VerifiedBody.ReadAllAsync(stream, body, token);
        },
        cancellationToken,
        BodyCircuit.LongestFor(body.Size));

    /// <summary>
    /// Writes a body to a local file and verifies it. Null when the file does not fit, and another body waits for its room.
    /// </summary>
    /// <exception cref="BodyStoreException">The store is away, or does not have the body, or has another one.</exception>
    /// <exception cref="SpoolException">The file cannot be written. That is no failure of the store.</exception>
    public async Task<SpooledBody?> SpoolAsync(BodyReference body, BodySpool spool, CancellationToken cancellationToken)
    {
        if (await spool.TryCreateAsync(body, cancellationToken) is not { } spooled)
            return null;
        try
        {
            return await _circuits[body.Store].RunAsync(
                async token =>
                {
                    await using var stream = await _stores.OpenAsync(body, token);
                    await spooled.FillAsync(stream, token);
                    return spooled;
                },
                cancellationToken,
                BodyCircuit.LongestFor(body.Size));
        }
        catch
        {
            // A call that was abandoned finds the file closed.
            spooled.Dispose();
            throw;
        }
    }

    // For Redis it only gives the body its name, which cannot fail or hang.
    private Task<BodyReference> WriteAsync(AppendItem item, CancellationToken cancellationToken)
    {
        Task<BodyReference> Write(CancellationToken token) => _stores.WriteAsync(item.Message.Id, item.Message.Raw, item.Sha256, token);
        var kind = _stores.Current.Kind;
        return kind == BodyStoreKind.Redis ? Write(cancellationToken) : RunAsync(kind, Write, cancellationToken);
    }

    private Task<T> RunAsync<T>(BodyStoreKind store, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        _circuits[store].RunAsync(call, cancellationToken);
}
