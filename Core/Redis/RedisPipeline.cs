using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Retry;

namespace EmailIngestion.Redis;

/// <summary>The Polly pipeline <c>redis</c>. It retries a step for about half a minute while Redis is away.</summary>
internal static class RedisPipeline
{
    public const string Name = "redis";

    public static IServiceCollection AddRedisPipeline(this IServiceCollection services)
    {
        // A retry is safe: each script recognises what an earlier attempt has done.
        services.AddResiliencePipeline(Name, (builder, context) =>
        {
            builder.TimeProvider = context.ServiceProvider.GetRequiredService<TimeProvider>();
            builder.AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<Exception>(RedisErrors.IsPassing),
                MaxRetryAttempts = 8,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(5),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            });
        });
        return services;
    }
}
