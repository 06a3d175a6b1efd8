using System.Text.Json;

namespace EmailIngestion.Local.Autoscaling;

/// <summary>
/// Reads triggers over HTTP with the request of KEDA's metrics-api scaler. KEDA connects for each request, not before it: every failure
/// counts toward the fallback.
/// </summary>
/// <param name="client">Sends the requests, and bounds the size of the answers.</param>
/// <param name="server">The server to ask instead of the manifest's.</param>
/// <param name="key">Gets the key of the functions; null sends none.</param>
/// <param name="time">The clock of the timeout.</param>
internal sealed class ApiTriggers(HttpClient client, Uri server, Func<string?> key, TimeProvider time)
{
    /// <summary>The most bytes of an answer.</summary>
    public const int LargestAnswer = 1 << 20;

    // KEDA's default.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    public async Task<TriggerReading> ReadAsync(Trigger trigger, CancellationToken cancellationToken)
    {
        var api = trigger.Api!;
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, api.Url.PathAndQuery));
            if (api.KeyHeader is { } header && key() is { } value)
                request.Headers.Add(header, value);
            using var answer = await client.SendAsync(request, either.Token);
            if ((int)answer.StatusCode != 200)
                return TriggerReading.Failed($"{api.Url.AbsolutePath}: api returned {(int)answer.StatusCode}");
            return Read(await answer.Content.ReadAsStringAsync(either.Token), api.Location);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return TriggerReading.Failed($"{server} did not answer within {Timeout.TotalSeconds} s");
        }
        catch (HttpRequestException e)
        {
            return TriggerReading.Failed($"{server} cannot be read: {e.HttpRequestError}");
        }
    }

    private static TriggerReading Read(string answer, IReadOnlyList<string> location)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            var found = json.RootElement;
            foreach (var name in location)
            {
                if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(name, out found))
                    return TriggerReading.Failed($"the answer has no {string.Join('.', location)}");
            }

            return found.ValueKind == JsonValueKind.Number && found.TryGetInt64(out var number)
                ? TriggerReading.Of(number)
                : TriggerReading.Failed($"{string.Join('.', location)} is no whole number, but {found.ValueKind}");
        }
        catch (JsonException)
        {
            return TriggerReading.Failed("the answer is not JSON");
        }
    }
}
