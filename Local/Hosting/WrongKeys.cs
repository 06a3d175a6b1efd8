using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace EmailIngestion.Local.Hosting;

/// <summary>
/// Slows down the guessing of keys: after a few wrong keys from one address, answers to further wrong keys are delayed, longer each time. A
/// right key is never delayed, because many clients may share an address. Memory is bounded: counts of a fixed number of address groups,
/// and a fixed number of delayed answers. Above that number the client gets a Retry-After, and its connection is closed.
/// </summary>
internal sealed class WrongKeys(TimeProvider time, ILogger<WrongKeys> logger)
{
    /// <summary>Wrong keys per minute that are answered at once, because people mistype.</summary>
    public const int AnsweredAtOnce = 5;

    public const int MaxHeldOfAddress = 10;
    public const int MaxHeld = 100;

    /// <summary>The longest delay, which is also the Retry-After of a client whose answer is not delayed.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(8);

    private const int Groups = 1024;
    private const int NetworkBytes = 8;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan ForgottenAfter = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Group[] _groups = new Group[Groups];
    private int _held;

    /// <summary>Counts a wrong key, and waits before its answer.</summary>
    /// <returns>False, without a wait, if too many answers are delayed already.</returns>
    public async Task<bool> DelayAsync(IPAddress? address, CancellationToken cancellationToken)
    {
        var index = IndexOf(address);
        TimeSpan delay;
        lock (_gate)
        {
            ref var group = ref _groups[index];
            if (group.Count == 0 || time.GetElapsedTime(group.Last) > ForgottenAfter)
                group.Count = 0;
            group.Last = time.GetTimestamp();
            group.Count++;
            if (group.Count <= AnsweredAtOnce)
                return true;
            if (group.Count == AnsweredAtOnce + 1)
                Log.WrongKeys(logger, group.Count, $"{address}");
            if (group.Held == MaxHeldOfAddress || _held == MaxHeld)
                return false;
            delay = DelayAfter(group.Count - AnsweredAtOnce);
            group.Held++;
            _held++;
        }

        try
        {
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            lock (_gate)
            {
                _groups[index].Held--;
                _held--;
            }
        }

        return true;
    }

    private static TimeSpan DelayAfter(int delayed)
    {
        const int mostDoublings = 10;
        var delay = FirstDelay * (1 << Math.Min(delayed - 1, mostDoublings));
        return delay < LongestDelay ? delay : LongestDelay;
    }

    // The hash is seeded for each process, so a client cannot choose addresses that share a group with others. An IPv6 address counts by
    // its network, because one client has all addresses of its network.
    private static int IndexOf(IPAddress? address)
    {
        var hash = default(HashCode);
        if (address is not null)
        {
            var bytes = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).GetAddressBytes();
            hash.AddBytes(
                address.AddressFamily == AddressFamily.InterNetworkV6 && bytes.Length > NetworkBytes
                    ? bytes.AsSpan(0, NetworkBytes)
                    : bytes);
        }

        return (int)((uint)hash.ToHashCode() % Groups);
    }

    private struct Group
    {
        public int Count;
        public int Held;
        public long Last;
    }
}
