namespace EmailIngestion.Load;

/// <summary>The measured values that each consumer passes to the run in a file.</summary>
internal sealed class LoadSamples
{
    /// <summary>Every run of the processor, by email.</summary>
    public List<uint> Uids { get; } = [];

    /// <summary>In seconds, as are the next two.</summary>
    public List<double> QueueWait { get; } = [];

    public List<double> Processing { get; } = [];

    public List<double> EndToEnd { get; } = [];

    /// <summary>The start of each email, as a timestamp of the machine's monotonic clock, which all processes share.</summary>
    public List<long> Begun { get; } = [];

    /// <summary>The time of the last settle.</summary>
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

    /// <summary>Adds the values that a consumer has written.</summary>
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
