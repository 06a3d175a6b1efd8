using System.Net;
using System.Net.Sockets;
using System.Text;
using EmailIngestion.Functions.Tests.Support;
using EmailIngestion.Functions.Tests.Worker.Messages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace EmailIngestion.Functions.Tests.Worker;

/// <summary>A small Functions host: starts the real worker process, loads its functions, and calls them by the protocol.</summary>
internal sealed class WorkerHost : IAsyncDisposable
{
    private const string Timer = """{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}""";

    private readonly WebApplication _server;
    private readonly WorkerStream _stream;
    private readonly HttpClient _client;

    private WorkerHost(
        WebApplication server, WorkerStream stream, WorkerProcess worker, Uri address, IReadOnlyList<WorkerFunction> functions)
    {
        _server = server;
        _stream = stream;
        Worker = worker;
        _client = new HttpClient { BaseAddress = address };
        Functions = functions;
    }

    public WorkerProcess Worker { get; }

    /// <summary>The functions that the worker has loaded.</summary>
    public IReadOnlyList<WorkerFunction> Functions { get; }

    /// <summary>All lines that the worker has written or sent to the host's log.</summary>
    public IEnumerable<string> Output => [.. Worker.Lines, .. _stream.Logs.Select(log => log.Message)];

    /// <param name="settings">Settings by name, with colons.</param>
    /// <param name="arguments">The arguments for this port; null for the newer ones.</param>
    /// <param name="app">The app; null for Functions.</param>
    public static async Task<WorkerHost> StartAsync(
        IEnumerable<(string Name, string Value)> settings, Func<int, string[]>? arguments = null, WorkerApp? app = null)
    {
        app ??= WorkerApp.Functions;
        var cancel = TestContext.Current.CancellationToken;
        var stream = new WorkerStream();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore().AddSingleton(stream).AddGrpc();
        var server = builder.Build();
        server.UseRouting();
        server.MapGrpcService<WorkerStream>();
        await server.StartAsync(cancel);
        var worker = WorkerProcess.Start((arguments ?? NewArguments)(new Uri(server.Urls.First()).Port), settings, app);
        try
        {
            await stream.Started.WaitAsync(TimeSpan.FromSeconds(120), TimeProvider.System, cancel);
            var init = await stream.AskAsync(
                new() { WorkerInitRequest = new() { HostVersion = "4.1000.0", FunctionAppDirectory = app.ScriptRoot } }, cancel);
            Assert.Equal(StatusResult.Types.Status.Success, init.WorkerInitResponse.Result.Status);
            var functions = await LoadAsync(stream, app, cancel);
            var address = new Uri(init.WorkerInitResponse.Capabilities["HttpUri"]);
            await ListensAsync(address);
            return new WorkerHost(server, stream, worker, address, functions);
        }
        catch (Exception e)
        {
            await worker.DisposeAsync();
            await server.DisposeAsync();
            throw new InvalidOperationException($"The worker did not start:\n{string.Join('\n', worker.Lines)}", e);
        }
    }

    /// <summary>The arguments of the host since version 4.28.</summary>
    public static string[] NewArguments(int port) =>
    [
        "--functions-uri", $"http://127.0.0.1:{port}/", "--functions-worker-id", "worker", "--functions-request-id", "start",
        "--functions-grpc-max-message-length", "134217728",
    ];

    /// <summary>The arguments for older workers too: both forms.</summary>
    public static string[] BothArguments(int port) =>
    [
        "--host", "127.0.0.1", "--port", $"{port}", "--workerId", "worker", "--requestId", "start", "--grpcMaxMessageLength", "134217728",
        .. NewArguments(port),
    ];

    /// <summary>Fires the timer of a function, and waits for the end of its run.</summary>
    public async Task<StatusResult> FireAsync(string function)
    {
        var request = Invocation(Function(function), new TypedData { Json = Timer });
        var answer = await _stream.AskAsync(new() { InvocationRequest = request }, TestContext.Current.CancellationToken);
        return answer.InvocationResponse.Result;
    }

    /// <summary>
    /// Calls the HTTP function of an address below <c>/api/</c>: sends the request to the worker's own address, and an invocation with the
    /// same id. Checks no keys, since the real host does that. Sends one in the header, as clients of the real host do.
    /// </summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? json = null)
    {
        var cancel = TestContext.Current.CancellationToken;
        var (function, route) = Functions.OrderBy(one => one.Wildcards)
            .Select(one => (one, one.Match(method, path)))
            .First(one => one.Item2 is not null);
        var invocation = Invocation(function, new TypedData { Http = new RpcHttp() });
        foreach (var (name, value) in route!)
            invocation.TriggerMetadata[name] = new TypedData { String = value };
        using var request = new HttpRequestMessage(method, $"api/{path}");
        request.Headers.Add("x-ms-invocation-id", invocation.InvocationId);
        request.Headers.Add("x-functions-key", "AnyKey");
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        var answer = _stream.AskAsync(new() { InvocationRequest = invocation }, cancel);
        var response = await _client.SendAsync(request, cancel);
        var result = (await answer).InvocationResponse.Result;
        Assert.True(result.Status == StatusResult.Types.Status.Success, $"{function.Name} failed: {result.Exception?.Message}");
        return response;
    }

    /// <summary>Asks the worker to end.</summary>
    public void Terminate() => _stream.Send(new() { WorkerTerminate = new() });

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await Worker.DisposeAsync();
        await _server.DisposeAsync();
    }

    private static async Task<IReadOnlyList<WorkerFunction>> LoadAsync(WorkerStream stream, WorkerApp app, CancellationToken cancel)
    {
        var metadata = await stream.AskAsync(
            new() { FunctionsMetadataRequest = new() { FunctionAppDirectory = app.ScriptRoot } }, cancel);
        var functions = metadata.FunctionMetadataResponse.FunctionMetadataResults;
        foreach (var function in functions)
        {
            var loaded = await stream.AskAsync(
                new() { FunctionLoadRequest = new() { FunctionId = function.FunctionId, Metadata = function } }, cancel);
            Assert.True(
                loaded.FunctionLoadResponse.Result.Status == StatusResult.Types.Status.Success,
                $"{function.Name} is not loaded: {loaded.FunctionLoadResponse.Result.Exception?.Message}");
        }

        return [.. functions.Select(function => new WorkerFunction(function))];
    }

    // The worker accepts its first message before it listens for HTTP.
    private static Task ListensAsync(Uri address) => Eventually.TrueAsync(
        async () =>
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        },
        () => $"the worker listens on {address}");

    private WorkerFunction Function(string name) => Functions.Single(function => function.Name == name);

    private static InvocationRequest Invocation(WorkerFunction function, TypedData trigger) => new()
    {
        InvocationId = Guid.NewGuid().ToString(),
        FunctionId = function.Id,
        TraceContext = new RpcTraceContext { TraceParent = $"00-{Guid.NewGuid():N}-0123456789abcdef-00" },
        InputData = { new ParameterBinding { Name = function.TriggerName, Data = trigger } },
    };
}
