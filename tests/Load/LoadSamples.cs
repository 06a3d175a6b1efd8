namespace EmailIngestion.Load;

/// <summary>The values that consumers hand to the run, in a file each.</summary>
internal sealed class LoadSamples
{
    /// <summary>Each email that the processor was given, as often as it was.</summary>
    public List<uint> Uids { get; } = [];

    /// <summary>Seconds, as are the next two.</summary>
    public List<double> QueueWait { get; } = [];

    public List<double> Processing { get; } = [];

    public List<double> EndToEnd { get; } = [];

    /// <summary>When each of them was begun, timestamps of the machine's monotonic clock, which all processes share.</summary>
    public List<long> Begun { get; } = [];

    /// <summary>When the last one was settled.</summary>
    public long Last { get; set; } = long.MinValue;

    public void Write(string file)
    {
        using var writer = new BinaryWriter(File.Create(file));
        writer.Write(Last);
        writer.Write(Uids.Count);
        foreach (var (uid, begun) in Uids.Zip(Begun))
        {
            writer.Write(uid);
            writer.Write(begun);
        }

        foreach (var list in new[] { QueueWait, Processing, EndToEnd })
        {
            writer.Write(list.Count);
            foreach (var value in list)
                writer.Write(value);
        }
    }

    /// <summary>Adds what a consumer has written.</summary>
    public void Read(string file)
    {
        using var reader = new BinaryReader(File.OpenRead(file));
        Last = Math.Max(Last, reader.ReadInt64());
        for (var count = reader.ReadInt32(); count > 0; count--)
        {
            Uids.Add(reader.ReadUInt32());
            Begun.Add(reader.ReadInt64());
        }

        foreach (var list in new[] { QueueWait, Processing, EndToEnd })
        {
            for (var count = reader.ReadInt32(); count > 0; count--)
                list.Add(reader.ReadDouble());
        }
    }
}
