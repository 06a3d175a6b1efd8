using EmailIngestion.Mailboxes;
using EmailIngestion.Mailboxes.SignIn;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EmailIngestion.Hosting;

/// <summary>Registers what gets access tokens for mailboxes.</summary>
internal static class SignInServices
{
    public static IServiceCollection AddSignIn(this IServiceCollection services) => services
        .AddSignInClient()
        .AddSingleton<TokenProtector>()
        .AddSingleton(new KeptTokenUse(NeedsKey: false))
        .AddSingleton<KeptRefreshTokens>()
        .AddSingleton<AccessTokenSources>()
        .AddSingleton(provider => new AccessTokens(
            provider.GetRequiredService<AccessTokenSources>(),
            provider.GetRequiredService<IOptions<PollingOptions>>().Value.ServerTimeout,
            provider.GetRequiredService<TimeProvider>()));

    /// <summary>Registers the HTTP client of token endpoints alone.</summary>
    public static IServiceCollection AddSignInClient(this IServiceCollection services)
    {
        // Each request has its own timeout.
        services.AddHttpClient(AccessTokenSources.Client, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                // A redirect would send a secret to another address.
                AllowAutoRedirect = false,
                UseCookies = false,
                MaxResponseDrainSize = TokenAnswerHandler.MaxBytes,
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            })
            .AddHttpMessageHandler(provider => new TokenAnswerHandler(provider.GetRequiredService<TimeProvider>()));
        return services;
    }
}
