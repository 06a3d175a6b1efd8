using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Processing;

/// <summary>A processor that was registered; the processor itself is the service keyed by its name.</summary>
/// <param name="Name">What <c>Processing:Processor</c> chooses it by.</param>
/// <param name="Lifetime">A singleton serves every run; any other is made in a scope of its own for each.</param>
internal sealed record ProcessorRegistration(string Name, ServiceLifetime Lifetime);
