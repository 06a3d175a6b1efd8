using Microsoft.Extensions.DependencyInjection;

namespace EmailIngestion.Processing;

/// <summary>A registered processor. The processor itself is the service keyed by its name.</summary>
/// <param name="Name">The name for <c>Processing:Processor</c>.</param>
/// <param name="Lifetime">A singleton serves all runs. Any other processor is created for each run, in its own scope.</param>
internal sealed record ProcessorRegistration(string Name, ServiceLifetime Lifetime);
