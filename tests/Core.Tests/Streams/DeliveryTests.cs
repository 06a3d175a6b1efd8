using CsCheck;
using EmailIngestion.Streams;
using Xunit;

namespace EmailIngestion.Core.Tests.Streams;

public sealed class DeliveryTests
{
    [Fact]
    public void Deliveries_are_in_the_order_of_the_stream()
    {
        var id = Gen.Select(Gen.Long[0, 2_000], Gen.Long[0, 200]);
        Gen.Select(id, id).Sample((one, other) => Assert.Equal(
            one.CompareTo(other),
            Math.Sign(Of(one).Position.CompareTo(Of(other).Position))));
    }

    private static Delivery Of((long Time, long Sequence) id) => new($"{id.Time}-{id.Sequence}", 1, null, null);
}
