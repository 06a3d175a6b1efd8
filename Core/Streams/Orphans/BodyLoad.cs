using EmailIngestion.Bodies;
using StackExchange.Redis;

namespace EmailIngestion.Streams.Orphans;

/// <summary>Reads how many bodies a partition has, from what Redis knows of their referers. It asks no store.</summary>
internal static class BodyLoad
{
    public static async Task<BodiesSnapshot> ReadAsync(IDatabase database, BodyKeys keys)
    {
        try
        {
            var fields = database.HashLengthAsync(keys.Referers);
            var others = database.HashGetAsync(keys.Referers, ["bytes", "since"]);
            var released = database.SortedSetLengthAsync(keys.Released);
            var orphans = OrphanReport.ReadAsync(database, keys.Report);
            var known = (await others).Count(value => !value.IsNull);
            return new BodiesSnapshot(
                Math.Max(0, await fields - known), Number((await others)[0]), await released, await orphans);
        }
        catch (RedisServerException)
        {
            // A damaged key or a missing right does not hide the rest of the snapshot.
            return new BodiesSnapshot(0, 0, 0, null);
        }
    }

    private static long Number(RedisValue value) => value.TryParse(out long number) ? Math.Max(0, number) : 0;
}
