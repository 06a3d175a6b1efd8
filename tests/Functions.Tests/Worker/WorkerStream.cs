using System.Collections.Concurrent;
using System.Threading.Channels;
using EmailIngestion.Functions.Tests.Worker.Messages;
using Grpc.Core;

namespace EmailIngestion.Functions.Tests.Worker;

/// <summary>The host's end of the stream to one worker: matches answers to requests by id, and collects the worker's log.</summary>
internal sealed class WorkerStream : FunctionRpc.FunctionRpcBase
{
    private readonly Channel<StreamingMessage> _outgoing = Channel.CreateUnbounded<StreamingMessage>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _answers = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource<StartStream> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the worker has sent its id.</summary>
    public Task<StartStream> Started => _started.Task;

    /// <summary>The lines that the worker has sent to the host's log.</summary>
    public ConcurrentQueue<RpcLog> Logs { get; } = new();

    /// <summary>Sends a message that has no answer.</summary>
    public void Send(StreamingMessage message) => _outgoing.Writer.TryWrite(message);

    /// <summary>Sends a message and waits for its answer.</summary>
    public async Task<StreamingMessage> AskAsync(StreamingMessage message, CancellationToken cancellationToken)
    {
        message.RequestId = Guid.NewGuid().ToString();
        var answer = _answers.GetOrAdd(KeyOf(message), _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
        Send(message);
        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, cancellationToken);
    }

    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        var writing = WriteAsync(responseStream, context.CancellationToken);
        try
        {
            await foreach (var message in requestStream.ReadAllAsync(context.CancellationToken))
                Take(message);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The worker has ended.
        }

        _outgoing.Writer.TryComplete();
        await writing;
    }

    private async Task WriteAsync(IServerStreamWriter<StreamingMessage> stream, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _outgoing.Reader.ReadAllAsync(cancellationToken))
                await stream.WriteAsync(message, cancellationToken);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The worker has ended.
        }
    }

    private void Take(StreamingMessage message)
    {
        if (message.ContentCase == StreamingMessage.ContentOneofCase.StartStream)
            _started.TrySetResult(message.StartStream);
        else if (message.ContentCase == StreamingMessage.ContentOneofCase.RpcLog)
            Logs.Enqueue(message.RpcLog);
        else if (_answers.TryRemove(KeyOf(message), out var answer))
            answer.TrySetResult(message);
    }

    // The answer to an invocation has the invocation's id, not always the request's.
    private static string KeyOf(StreamingMessage message) => message.ContentCase switch
    {
        StreamingMessage.ContentOneofCase.InvocationRequest => message.InvocationRequest.InvocationId,
        StreamingMessage.ContentOneofCase.InvocationResponse => message.InvocationResponse.InvocationId,
        _ => message.RequestId,
    };
}
