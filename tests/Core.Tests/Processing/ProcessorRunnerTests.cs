using EmailIngestion.Configuration;
using EmailIngestion.Core.Tests.Messages;
using EmailIngestion.Core.Tests.Messages.Authentication;
using EmailIngestion.Hosting;
using EmailIngestion.Messages.Authentication;
using EmailIngestion.Processing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xunit;

namespace EmailIngestion.Core.Tests.Processing;

public sealed class ProcessorRunnerTests
{
    [Theory]
    [InlineData(ServiceLifetime.Singleton, 0)]
    [InlineData(ServiceLifetime.Scoped, 2)]
    [InlineData(ServiceLifetime.Transient, 2)]
    public async Task Only_a_processor_that_is_no_singleton_has_scopes(ServiceLifetime lifetime, int scopes)
    {
        await using var services = new ServiceCollection().AddEmailProcessor<Nothing>("mine", lifetime)
            .BuildServiceProvider(validateScopes: true);
        var counting = new CountingProvider(services);
        var runner = Runner(counting, services);

        await runner.RunAsync(Delivery(), TestContext.Current.CancellationToken);
        await runner.RunAsync(Delivery(), TestContext.Current.CancellationToken);

        Assert.Equal(scopes, counting.Scopes);
    }

    [Theory]
    [InlineData(ServiceLifetime.Singleton)]
    [InlineData(ServiceLifetime.Scoped)]
    public async Task A_processor_whose_dependency_is_missing_ends_the_start_with_a_line(ServiceLifetime lifetime)
    {
        await using var services = new ServiceCollection().AddEmailProcessor<Needy>("mine", lifetime).BuildServiceProvider();

        var error = await Assert.ThrowsAsync<SettingsException>(async () => await Runner(services, services).CheckAsync());

        Assert.StartsWith(
            "Processing:Processor names 'mine', which cannot be created: Unable to resolve service for type", error.Message,
            StringComparison.Ordinal);
        Assert.Contains(nameof(Missing), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    // The error is the processor's, with its stack trace. It is not reported as a wrong setting.
    [Theory]
    [InlineData(ServiceLifetime.Singleton)]
    [InlineData(ServiceLifetime.Scoped)]
    public async Task An_error_in_a_processors_constructor_passes_through(ServiceLifetime lifetime)
    {
        await using var services = new ServiceCollection().AddEmailProcessor<Broken>("mine", lifetime).BuildServiceProvider();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () => await Runner(services, services).CheckAsync());

        Assert.Equal("my own", error.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_start_makes_the_processor_only_where_emails_are_consumed(bool consumes)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["REDIS_HOST"] = "localhost",
            ["Processing:Processor"] = "mine",
            ["Consumer:Enabled"] = $"{consumes}",
        });
        builder.Services.AddLogging().AddEmailIngestion(builder.Configuration).AddEmailProcessor<Needy>("mine");
        using var host = builder.Build();

        var error = Record.Exception(() => IngestionHost.Validate(host));

        Assert.Equal(consumes, error is SettingsException);
    }

    [Theory]
    [InlineData(true, "temperror")]
    [InlineData(false, null)]
    public async Task DKIM_is_checked_only_where_the_setting_says_so(bool verifies, string? result)
    {
        await using var services = new ServiceCollection()
            .AddSingleton<IDkimKeys>(new FakeKeys { Otherwise = new(null, "DNS did not answer.") })
            .AddEmailProcessor<Nothing>("mine")
            .BuildServiceProvider();
        var delivery = new EmailDelivery { Email = Mail.Of(PlainSigner.Sign("a@sender.test", "text/plain", "x"u8.ToArray())) };

        await Runner(services, services, verifies).RunAsync(delivery, TestContext.Current.CancellationToken);

        Assert.Equal(result, delivery.Email.Parsed.Authentication?.Verified?[0].Result);
    }

    private static ProcessorRunner Runner(IServiceProvider services, IServiceProvider registered, bool verifiesDkim = false)
    {
        var registrations = registered.GetServices<ProcessorRegistration>().ToArray();
        var options = Options.Create(new ProcessingOptions { Processor = "mine", VerifyDkim = verifiesDkim });
        var keys = services.GetService<IDkimKeys>() ?? new FakeKeys();
        var routes = new ProcessorRoutes(registrations, options, keys);
        return new ProcessorRunner(services, registrations, routes);
    }

    private static EmailDelivery Delivery() => new() { Email = Mail.Of("Subject: s\r\n\r\ntext"u8.ToArray()) };

    private sealed class CountingProvider(ServiceProvider services) : IKeyedServiceProvider
    {
        public int Scopes { get; private set; }

        public object? GetService(Type serviceType)
        {
            if (serviceType == typeof(IServiceScopeFactory))
                Scopes++;
            return services.GetService(serviceType);
        }

        public object? GetKeyedService(Type serviceType, object? serviceKey) => services.GetKeyedService(serviceType, serviceKey);

        public object GetRequiredKeyedService(Type serviceType, object? serviceKey) =>
            services.GetRequiredKeyedService(serviceType, serviceKey);
    }

    private sealed class Nothing : IEmailProcessor
    {
        public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Missing;

    private sealed class Needy(Missing missing) : IEmailProcessor
    {
        public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken) => Task.FromResult(missing);
    }

    private sealed class Broken : IEmailProcessor
    {
        public Broken() => throw new InvalidOperationException("my own");

        public Task ProcessAsync(EmailDelivery delivery, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
