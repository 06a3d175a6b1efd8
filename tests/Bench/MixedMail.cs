using EmailIngestion.Load;

namespace EmailIngestion.Bench;

/// <summary>Emails of 1 KiB to 1 MiB. As many are between 1 and 2 KiB as between 512 KiB and 1 MiB: their mean is 148 KiB.</summary>
internal static class MixedMail
{
    private const int Smallest = 1_024;
    private const int Largest = 1_024 * 1_024;

    // Multiples of the golden ratio: their fractions are spread evenly, and in no order.
    private const double Step = 0.618033988749895;

    private static readonly LoadMail Mail = new(Largest);

    public static byte[] Raw(int number)
    {
        var part = number * Step % 1;
        return Mail.Raw((uint)number)[..(int)(Smallest * Math.Pow(Largest / Smallest, part))];
    }
}
