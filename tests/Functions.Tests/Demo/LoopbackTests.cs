using EmailIngestion.DevServers;
using Xunit;

namespace EmailIngestion.Functions.Tests.Demo;

public sealed class LoopbackTests
{
    // The system alone gives some of so many ports twice.
    [Fact]
    public void No_port_is_given_twice() => Assert.Distinct(Enumerable.Range(0, 2_000).Select(_ => Loopback.FreePort()));
}
