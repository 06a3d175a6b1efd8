using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using EmailIngestion.Local.Commands.Operating.Answers;
using EmailIngestion.Local.Hosting;

namespace EmailIngestion.Local.Commands.Operating;

/// <summary>Sends requests to the functions. Each failure is an <see cref="OperatingException"/> that says what to do.</summary>
internal sealed class OperatingClient : IDisposable
{
    /// <summary>How much of the end of a download is kept: more than the comment of an archive.</summary>
    public const int EndBytes = 100;

    private const long MaxAnswerBytes = 64 * 1024 * 1024;
    private const int MaxProblemBytes = 64 * 1024;
    private const int BufferBytes = 64 * 1024;

    private readonly HttpClient _http;
    private readonly OperatingTarget _target;
    private readonly OperatingTimeouts _timeouts;

    public OperatingClient(OperatingTarget target, OperatingTimeouts timeouts)
    {
        (_target, _timeouts) = (target, timeouts);
        _http = new HttpClient(OperatingHttp.Handler(target.Api))
        {
            BaseAddress = target.Api,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
        if (target.Key is not null)
            _http.DefaultRequestHeaders.Add(FunctionKeys.Header, target.Key);
    }

    public Task<OperatingAnswer<T>> GetAsync<T>(
        string path, OperatingQuery query, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, query, null, type, cancellationToken);

    /// <param name="method">The method.</param>
    /// <param name="path">The path below <c>api/</c>.</param>
    /// <param name="query">The parameters; the partition is added.</param>
    /// <param name="body">The JSON body; null for none.</param>
    /// <param name="type">The type of the answer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<OperatingAnswer<T>> SendAsync<T>(
        HttpMethod method, string path, OperatingQuery query, string? body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        SendAsync(method, path, query, body, type, _timeouts.Answer, cancellationToken);

    /// <summary>Counts dead letters, which takes its time.</summary>
    public Task<OperatingAnswer<PreviewAnswer>> CountAsync(string path, string body, CancellationToken cancellationToken) =>
        SendAsync(
            HttpMethod.Post, path, new OperatingQuery(), body, OperatingJson.Default.PreviewAnswer, _timeouts.Count, cancellationToken);

    /// <summary>Deletes, and expects no content.</summary>
    public async Task DeleteAsync(string path, CancellationToken cancellationToken)
    {
        using var deadline = Deadline(_timeouts.Answer, cancellationToken);
        using var response = await RequestAsync(
            HttpMethod.Delete, path, new OperatingQuery(), null, deadline, _timeouts.Answer, cancellationToken);
    }

    /// <summary>Copies an answer of any size. Only its beginning, and each wait for more of it, has a deadline.</summary>
    public async Task<Download> DownloadAsync(
        string path, OperatingQuery query, string mediaType, Func<Stream> open, CancellationToken cancellationToken)
    {
        using var deadline = Deadline(_timeouts.Answer, cancellationToken);
        using var response = await RequestAsync(HttpMethod.Get, path, query, null, deadline, _timeouts.Answer, cancellationToken);
        if (response.Content.Headers.ContentType?.MediaType != mediaType)
            throw Foreign(response, $"not {mediaType}");
        return await CopyAsync(response, open, deadline, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private static CancellationTokenSource Deadline(TimeSpan within, CancellationToken cancellationToken)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(within);
        return deadline;
    }

    private async Task<OperatingAnswer<T>> SendAsync<T>(
        HttpMethod method, string path, OperatingQuery query, string? body, JsonTypeInfo<T> type, TimeSpan within,
        CancellationToken cancellationToken)
    {
        using var deadline = Deadline(within, cancellationToken);
        using var response = await RequestAsync(method, path, query, body, deadline, within, cancellationToken);
        var json = await GuardAsync(
            () => response.Content.ReadAsStringAsync(deadline.Token), deadline, within, cancellationToken);
        try
        {
            var value = JsonSerializer.Deserialize(json, type);
            return value is null ? throw Foreign(response, "null") : new OperatingAnswer<T>(value, json);
        }
        catch (JsonException e)
        {
            throw Foreign(response, e.Path is { Length: > 1 } place ? $"unexpected JSON at {place}" : "no JSON object");
        }
    }

    private async Task<Download> CopyAsync(
        HttpResponseMessage response, Func<Stream> open, CancellationTokenSource deadline, CancellationToken cancellationToken)
    {
        await using var content = await response.Content.ReadAsStreamAsync(deadline.Token);
        await using var output = open();
        var buffer = new byte[BufferBytes];
        long copied = 0;
        byte[] end = [];
        while (true)
        {
            deadline.CancelAfter(_timeouts.Answer);
            // A failed read is the server's, a failed write the disk's.
            var read = await GuardAsync(
                () => content.ReadAsync(buffer, deadline.Token).AsTask(), deadline, _timeouts.Answer, cancellationToken);
            if (read == 0)
                return new Download(copied, end);
            await output.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            copied += read;
            end = End([.. end, .. End(buffer.AsSpan(0, read))]);
        }
    }

    private static byte[] End(ReadOnlySpan<byte> bytes) => (bytes.Length > EndBytes ? bytes[^EndBytes..] : bytes).ToArray();

    private async Task<HttpResponseMessage> RequestAsync(
        HttpMethod method, string path, OperatingQuery query, string? body, CancellationTokenSource deadline, TimeSpan within,
        CancellationToken cancellationToken)
    {
        var address = path + query.With("partition", _target.Partition);
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("*/*"));
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        var response = await GuardAsync(
            () => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token), deadline, within, cancellationToken);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await OperatingFailure.OfAsync(response, _target, MaxProblemBytes, deadline.Token);
    }

    private async Task<T> GuardAsync<T>(
        Func<Task<T>> ask, CancellationTokenSource deadline, TimeSpan within, CancellationToken cancellationToken)
    {
        try
        {
            return await ask();
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw Unavailable($"does not answer within {within.TotalSeconds:0.#} s. Try again, and look at the server's log.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Explain(e);
        }
    }

    private OperatingException Explain(Exception error) => error switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => Unavailable(
            "has no certificate that this machine trusts, or does not speak TLS: correct the host name or the certificate, "
            + $"or use the right scheme in --url ({Reason(error)})."),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => Unavailable(
            "is not known by that name: correct --url."),
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => Unavailable(
            _target.Api.IsLoopback
                ? "does not answer: start `dotnet run --project Local`, or name the right port (--url)."
                : $"cannot be reached: check --url and the network ({Reason(error)})."),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => new OperatingException(
            OperatingExit.Error, "The answer is larger than 64 MB: ask for less (--limit)."),
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => new OperatingException(
            OperatingExit.Error, $"{_target.Api} does not speak HTTP: correct --url."),
        _ => Unavailable($"broke the connection: try again ({Reason(error)})."),
    };

    private static string Reason(Exception error) =>
        ShownText.Clean((error.InnerException ?? error).Message, 200).TrimEnd('.');

    private OperatingException Unavailable(string text) => new(OperatingExit.Unavailable, $"{_target.Api} {text}");

    private static OperatingException Foreign(HttpResponseMessage response, string what) => new(
        OperatingExit.Error,
        $"{response.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Path)} answered {(int)response.StatusCode} with {what}: "
        + "is it the address of this system, in a version that fits?");
}
