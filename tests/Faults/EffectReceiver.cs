using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace EmailIngestion.Faults;

/// <summary>
/// The webhook receiver of the consumers. It records every effect, and refuses, hangs or kills as each email's fate says.
/// </summary>
internal sealed class EffectReceiver : IAsyncDisposable
{
    private readonly Mail _mail;
    private readonly TimeProvider _time;
    private readonly Action<string> _kill;
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, int> _attempts = new(StringComparer.Ordinal);

    private EffectReceiver(Mail mail, TimeProvider time, Action<string> kill)
    {
        _mail = mail;
        _time = time;
        _kill = kill;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(ReceiveAsync);
    }

    public ConcurrentQueue<Effect> Effects { get; } = new();

    /// <summary>Answers 503 to everything.</summary>
    public bool IsDown { get; set; }

    /// <summary>From now on it accepts the emails that had to wait.</summary>
    public void AcceptWaiting() => _waiting.TrySetResult();

    public string UrlOf(string worker) => $"{_app.Urls.First()}/{worker}";

    /// <param name="mail">Decides what to do with each email.</param>
    /// <param name="time">A real clock.</param>
    /// <param name="kill">Kills the worker with the given name.</param>
    public static async Task<EffectReceiver> StartAsync(Mail mail, TimeProvider time, Action<string> kill)
    {
        var receiver = new EffectReceiver(mail, time, kill);
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var email = body.RootElement;
        var number = Mail.NumberOf(email.GetProperty("subject").GetString()!);
        var id = email.GetProperty("id").GetString()!;
        var worker = context.Request.Path.Value!.TrimStart('/');
        if (IsDown)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        var first = _attempts.AddOrUpdate(id, 1, (_, attempts) => attempts + 1) == 1;
        switch (_mail.FateOf(number))
        {
            case Fate.Kills:
                await Task.Delay(TimeSpan.FromMilliseconds(50), _time, context.RequestAborted);
                _kill(worker);
                // A worker that is being stopped is not killed again. An answer would complete its email.
                context.Abort();
                return;
            case Fate.Waits when !_waiting.Task.IsCompleted:
                // The request waits until its sender gives up. That is a failure of the email, not of the receiver, so nothing is answered.
                await _waiting.Task.WaitAsync(context.RequestAborted);
                break;
            case Fate.Refused:
                context.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return;
            case Fate.FailsOnce when first:
                context.Response.StatusCode = StatusCodes.Status500InternalServerError;
                return;
            case Fate.HangsOnce when first:
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, context.RequestAborted);
                return;
        }

        await Task.Delay(TimeSpan.FromMilliseconds(number % 20), _time, context.RequestAborted);
        var seconds = long.Parse(context.Request.Headers["webhook-timestamp"]!, CultureInfo.InvariantCulture);
        var effect = new Effect(
            email.GetProperty("mailbox").GetString()!, email.GetProperty("uid").GetUInt32(), number, id, worker, _time.GetUtcNow(),
            DateTimeOffset.FromUnixTimeSeconds(seconds));
        Effects.Enqueue(effect);
        context.Response.OnCompleted(() =>
        {
            effect.Answered = _time.GetUtcNow();
            return Task.CompletedTask;
        });
    }
}
