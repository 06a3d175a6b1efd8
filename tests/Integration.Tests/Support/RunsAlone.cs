using Xunit;

namespace EmailIngestion.Integration.Tests.Support;

/// <summary>
/// Tests that run after all others, one at a time: those that measure memory or processor time, and those that need most of the CPU.
/// </summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class RunsAlone;
